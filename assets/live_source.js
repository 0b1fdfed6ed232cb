/*
 * Feeds a live topic into a page: one EventSource per topic and tab, shared by all components that ask for it.
 *
 * Each subscriber gets {...data, _live: {status, at}}: status is "live", "polling" (the stream does not come through,
 * so the snapshot is fetched every few seconds) or "stale" (what is shown may be old); a subscriber with nothing to show
 * yet hears of "stale" and "missing" (there is no such thing) by its status alone; at is the server's time, as read
 * in Viet Nam, at which the data were known to be current. The data are changed by JSON Merge Patches (RFC 7396) with
 * absolute values; a lost line resumes by id, so nothing is missed and nothing is counted twice.
 *
 * A page may be sent with its first value and the same drawn as plain HTML (core/page_head.py): what is drawn from the value
 * takes the plain one's place within one frame.
 *
 * Plain React, no eval, nothing at import time: safe under a strict Content-Security-Policy and when rendered on a server.
 */
import { useEffect, useRef } from "react";
import { flushSync } from "react-dom";

const FIRST_EVENT = 8_000; // ms; a proxy that holds a stream back is found out by this
const FIRST_DATA = 3_000; // ms; the same while there is nothing to show yet
const SILENCE = 27_000; // ms; the server beats every 10 s
const HIDDEN = 60_000; // ms; a page nobody looks at lets go of its line
const LINGER = 2_000; // ms; from one page to the next the line stays open
const POLL = 5_000; // ms
const STREAM_AGAIN = 15_000; // ms; a polling page tries the stream again, ever more seldom
const STREAM_SELDOM = 240_000; // ms
const UNSURE = 4_000; // ms without a line until the status says so
const SLOWEST = 30_000; // ms
const REFUSED = 60_000; // ms; 401, 403, 404, 410: asking often does not help

const FIRST_VIEW = "first-view";

const sources = new Map();

const jitter = (ms) => ms * (0.5 + Math.random());

export function merge(target, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const merged = target !== null && typeof target === "object" && !Array.isArray(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    if (key === "__proto__") continue;
    if (patch[key] === null) delete merged[key];
    else merged[key] = merge(merged[key], patch[key]);
  }
  return merged;
}

/* hh:mm:ss in Viet Nam, which is seven hours ahead all year. */
export const clock = (ms) => (ms ? new Date(ms + 25_200_000).toISOString().slice(11, 19) : "");

/* The value the page was sent with, when it is that of `topic`. */
function sentWith(topic) {
  const sent = document.querySelector(`#${FIRST_VIEW} > script`);
  if (!sent) return null;
  const message = JSON.parse(sent.textContent);
  return message.topic === topic ? message : null;
}

class Source {
  constructor(topic) {
    this.base = "/live/" + topic.split("/").map(encodeURIComponent).join("/");
    this.topic = topic;
    this.subscribers = new Set();
    this.data = null;
    this.id = "";
    this.tag = "";
    this.at = 0;
    this.status = "stale";
    this.failures = 0; // streams in a row that brought nothing
    this.tries = 0; // returns from polling to the stream, since the last that worked
    this.waits = 0; // attempts in a row, for the pause between them
    this.stream = null;
    this.asking = null;
    this.timers = {};
    this.paused = false;
    const sent = sentWith(topic);
    if (sent) {
      this.data = sent.data;
      this.at = Date.parse(sent.server_time) || 0;
      this.status = "connecting";
    }
    this.onVisibility = () => this.visibility();
    this.onLeave = () => this.pause();
    this.onReturn = () => this.paused && document.visibilityState !== "hidden" && this.resume();
    this.onOnline = () => this.paused || this.resume();
  }

  /* --- who listens */

  subscribe(listener) {
    this.subscribers.add(listener);
    this.clear("linger");
    if (this.subscribers.size === 1 && !this.opened) this.open();
    if (this.data) listener(this.view(), true);
    return () => {
      this.subscribers.delete(listener);
      if (!this.subscribers.size) this.after("linger", LINGER, () => this.close());
    };
  }

  open() {
    this.opened = true;
    document.addEventListener("visibilitychange", this.onVisibility);
    addEventListener("pagehide", this.onLeave);
    addEventListener("pageshow", this.onReturn);
    addEventListener("online", this.onOnline);
    this.connect();
  }

  close() {
    this.opened = false;
    this.hangUp();
    Object.keys(this.timers).forEach((name) => this.clear(name));
    document.removeEventListener("visibilitychange", this.onVisibility);
    removeEventListener("pagehide", this.onLeave);
    removeEventListener("pageshow", this.onReturn);
    removeEventListener("online", this.onOnline);
    if (sources.get(this.topic) === this) sources.delete(this.topic);
  }

  view() {
    return { ...this.data, _live: { status: this.status, at: clock(this.at) } };
  }

  tell(status) {
    this.status = status;
    if (status !== "stale") this.clear("unsure");
    this.subscribers.forEach((listener) => listener(this.view(), this.data !== null));
  }

  /* --- time */

  after(name, ms, action) {
    this.clear(name);
    this.timers[name] = setTimeout(() => {
      delete this.timers[name];
      action();
    }, ms);
  }

  clear(name) {
    clearTimeout(this.timers[name]);
    delete this.timers[name];
  }

  visibility() {
    if (document.visibilityState === "hidden") this.after("hidden", HIDDEN, () => this.pause());
    else {
      this.clear("hidden");
      if (this.paused) this.resume();
    }
  }

  pause() {
    this.paused = true;
    this.hangUp();
    this.tell("stale");
  }

  resume() {
    this.paused = false;
    this.waits = 0;
    // A line that looks open may have died with the network.
    this.hangUp();
    this.connect();
  }

  hangUp() {
    ["quiet", "again", "stream"].forEach((name) => this.clear(name));
    if (this.stream) this.stream.close();
    this.stream = null;
    if (this.asking) this.asking.abort();
    this.asking = null;
  }

  later(ms) {
    if (!this.timers.unsure && this.status !== "stale") this.after("unsure", UNSURE, () => this.tell("stale"));
    this.after("again", ms, () => this.connect());
  }

  backOff() {
    this.waits += 1;
    this.later(jitter(Math.min(SLOWEST, 1_000 * 2 ** Math.min(this.waits - 1, 5))));
  }

  /* --- the line */

  connect() {
    if (this.paused || !this.opened || this.stream || this.asking) return;
    if (typeof EventSource === "undefined" || this.timers.stream) this.poll();
    else this.listen();
  }

  listen() {
    const stream = new EventSource(this.base + "/stream" + (this.id ? "?after=" + encodeURIComponent(this.id) : ""));
    this.stream = stream;
    let heard = false;
    const lost = () => {
      if (this.stream !== stream) return;
      stream.close();
      this.stream = null;
      this.clear("quiet");
      this.failures = heard ? 0 : this.failures + 1;
      // Whoever has nothing to show yet does not wait for a second attempt.
      if (this.failures >= (this.data ? 2 : 1)) {
        const wait = Math.min(STREAM_SELDOM, STREAM_AGAIN * 2 ** Math.min(this.tries++, 10));
        this.after("stream", jitter(wait), () => this.streamAgain());
        this.poll();
      } else this.backOff();
    };
    const take = (use) => (event) => {
      if (this.stream !== stream) return;
      heard = true;
      this.failures = this.waits = this.tries = 0;
      this.after("quiet", SILENCE, lost);
      let message;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      if (event.lastEventId) this.id = event.lastEventId;
      use(message);
    };
    stream.addEventListener("snapshot", take((message) => {
      this.data = message.data;
      this.current(message, "live");
    }));
    stream.addEventListener("delta", take((message) => {
      this.data = merge(this.data, message.patch);
      this.current(message, "live");
    }));
    stream.addEventListener("beat", take((message) => this.current(message, "live")));
    stream.addEventListener("end", take((message) => {
      this.hangUp();
      if (message.reason === "restart") this.later(jitter(2_000));
      else this.refused();
    }));
    stream.onerror = lost;
    this.after("quiet", this.data ? FIRST_EVENT : FIRST_DATA, lost);
  }

  current(message, status) {
    if (!message.stale || !this.at) this.at = Math.max(this.at, Date.parse(message.server_time) || 0);
    this.tell(message.stale ? "stale" : status);
  }

  refused(missing) {
    this.tell(missing && !this.data ? "missing" : "stale");
    this.later(jitter(REFUSED));
  }

  /* --- without a line */

  streamAgain() {
    this.failures = 1;
    if (this.asking) return; // the answer brings the next connect()
    this.clear("again");
    this.connect();
  }

  async poll() {
    const asking = new AbortController();
    this.asking = asking;
    const giveUp = setTimeout(() => asking.abort(), 10_000);
    let next = () => this.backOff();
    try {
      const answer = await fetch(this.base + ".json", {
        headers: this.tag ? { "If-None-Match": this.tag } : {},
        cache: "no-store",
        credentials: "same-origin",
        signal: asking.signal,
      });
      if (this.asking !== asking) return;
      if (answer.status === 304) {
        this.current({ server_time: answer.headers.get("date"), stale: this.tag.includes("-stale") }, "polling");
      } else if (answer.ok) {
        const message = await answer.json();
        if (this.asking !== asking) return;
        this.tag = answer.headers.get("etag") || "";
        this.data = message.data;
        this.id = message.version;
        this.current(message, "polling");
      }
      if (answer.ok || answer.status === 304) {
        this.waits = 0;
        next = () => this.later(jitter(POLL));
      } else if ([401, 403, 404, 410].includes(answer.status)) {
        next = () => this.refused(answer.status === 404 || answer.status === 410);
      } else if (answer.status === 503) {
        const wait = Number(answer.headers.get("retry-after")) * 1_000;
        if (wait > 0 && wait < 300_000) next = () => this.later(jitter(wait));
      }
    } catch {
      // no network: try again later
    } finally {
      clearTimeout(giveUp);
      if (this.asking === asking) {
        this.asking = null;
        next();
      }
    }
  }
}

export function subscribe(topic, listener) {
  let source = sources.get(topic);
  if (!source) sources.set(topic, (source = new Source(topic)));
  return source.subscribe(listener);
}

export function LiveSource({ topic, onData, onStatus }) {
  const listener = useRef(null);
  const status = useRef("");
  useEffect(() => {
    listener.current = (view, known) => {
      const first = document.getElementById(FIRST_VIEW);
      if (first) {
        // Not within an effect, where React would draw later than it is told to.
        queueMicrotask(() => {
          first.remove();
          flushSync(() => listener.current(view, known));
        });
        return;
      }
      if (known && onData) onData(view);
      if (onStatus && view._live.status !== status.current) onStatus(view._live.status);
      status.current = view._live.status;
    };
  });
  useEffect(() => {
    if (!topic) return undefined;
    status.current = "";
    return subscribe(topic, (view, known) => listener.current(view, known));
  }, [topic]);
  return null;
}
