// A part of the page that the server draws: fetched for the address the page has, drawn anew when the address changes or a live
// topic named in it (data-live) tells of a change. Its links and GET forms change the address without loading the page.
import { createElement as h, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { LiveSource } from "../live_source.js";
import { notice } from "./common.js";

const CALM = 1000; // ms between two drawings for live changes

export function ServerView({ source, words }) {
  const { pathname, search, hash } = useLocation();
  const navigate = useNavigate();
  const box = useRef(null);
  const busy = useRef({ round: 0, timer: 0, heard: {} }).current;
  const [part, setPart] = useState({ html: "", of: null, fault: "", signIn: false, topics: [] });
  const [said, setSaid] = useState("");

  const draw = useCallback(async (isFresh) => {
    const round = ++busy.round;
    let next = { html: "", of: search, fault: words.failed, signIn: false, topics: [] };
    try {
      const answer = await fetch(source + search, { headers: { Accept: "text/html" }, cache: "no-store", credentials: "same-origin" });
      if (answer.ok) {
        const html = await answer.text();
        const named = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]")?.dataset.live ?? "";
        next = { html, of: search, fault: "", signIn: false, topics: named.split(" ").filter(Boolean) };
      } else {
        const problem = await answer.json().catch(() => ({}));
        next = { ...next, fault: problem.detail ?? words.failed, signIn: answer.status === 401 };
      }
    } catch {
      if (isFresh) return; // what is shown stays; the connection's own line tells
    }
    if (round !== busy.round || (isFresh && next.fault)) return;
    const opened = [...(box.current?.querySelectorAll("details") ?? [])].map((each) => each.open);
    const focused = isFresh ? place(box.current) : null;
    setPart(next);
    setSaid(isFresh ? words.fresh : "");
    requestAnimationFrame(() => {
      if (!isFresh) return;
      box.current?.querySelectorAll("details").forEach((each, at) => { if (at in opened) each.open = opened[at]; });
      focused?.(box.current);
    });
  }, [source, search]);

  useEffect(() => {
    draw(false);
    return () => { busy.round++; clearTimeout(busy.timer); };
  }, [draw]);

  useLayoutEffect(() => box.current?.replaceChildren(harmless(part.html)), [part.html, part.fault]);

  // A chosen line leads down or up: the reader goes on where the address points, or at the first heading.
  const moved = useRef("");
  useEffect(() => {
    if (!part.html || part.of !== search) return; // what is shown is still that of the address before
    if (moved.current && moved.current !== search + hash) {
      const aim = (hash && document.getElementById(decodeURIComponent(hash.slice(1)))) || box.current.querySelector("h2[tabindex]");
      aim?.focus({ preventScroll: true });
      aim?.scrollIntoView({ block: "start" });
    }
    moved.current = search + hash;
  }, [part.html, hash]);

  const onChange = (topic) => (view) => {
    const { _live, ...data } = view;
    const now = JSON.stringify(data);
    const before = busy.heard[topic];
    busy.heard[topic] = now;
    if (before === undefined || before === now) return;
    clearTimeout(busy.timer);
    busy.timer = setTimeout(() => draw(true), CALM);
  };

  const onClick = (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || to.pathname !== pathname) return;
    event.preventDefault();
    navigate(to.pathname + to.search + to.hash, { preventScrollReset: true });
  };
  const onSubmit = (event) => {
    const form = event.target;
    const to = new URL(form.action);
    if (form.method !== "get" || to.pathname !== pathname) return;
    event.preventDefault();
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form, event.nativeEvent.submitter)) if (value) wanted.append(name, value);
    navigate(`${pathname}?${wanted}`, { preventScrollReset: true });
  };

  const again = h("button", { type: "button", className: "btn outline", onClick: () => draw(false) }, words.again);
  const ways = part.signIn ? h("a", { className: "btn primary", href: `/dang-nhap?tiep=${encodeURIComponent(pathname + search)}` }, words.signIn) : again;
  return h("div", { onClick, onSubmit },
    h("p", { role: "status", className: "visually-hidden" }, said),
    part.fault
      ? h("div", { role: "alert" }, notice("late", part.fault, h("div", { className: "row" }, ways)))
      : part.html
        ? h("div", { ref: box })
        : h("p", { role: "status" }, words.loading),
    part.topics.map((topic) => h(LiveSource, { key: topic, topic, onData: onChange(topic) })));
}

/** What the server drew, as nodes: whatever could act by itself is left out, should a name of ours ever escape its escaping. */
function harmless(html) {
  const { body } = new DOMParser().parseFromString(`<body>${html}`, "text/html"); // its style stays in the body
  body.querySelectorAll("script, iframe, object, embed, foreignObject, base, meta, link").forEach((node) => node.remove());
  body.querySelectorAll("*").forEach((node) => [...node.attributes].forEach(({ name, value }) => {
    const acts = name.startsWith("on") || /^(href|xlink:href|src|action|formaction)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value);
    if (acts) node.removeAttribute(name);
  }));
  const part = document.createDocumentFragment();
  part.append(...body.childNodes);
  return part;
}

/** Where the focus is in the part, as a way to find it again in the part drawn anew. */
function place(box) {
  const held = document.activeElement;
  if (!box?.contains(held)) return null;
  const same = (root) => [...root.querySelectorAll("a[href], button, select, input, summary, [tabindex]")];
  const at = same(box).indexOf(held);
  return (root) => same(root ?? document.createElement("div"))[at]?.focus({ preventScroll: true });
}
