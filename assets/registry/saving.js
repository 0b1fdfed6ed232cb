// Saves what is typed: on this device at once, on the server a moment later, again and again until it is there.
import { keepSheet } from "./keeping.js";
import { sendValue } from "./values.js";

const PAUSE = 1_500; // ms without a key until the server is told
const AGAIN = 4_000; // ms until a failed saving is tried again, ever more seldom
const SELDOM = 60_000; // ms
const PATIENCE = 20_000; // ms an answer may take

/** One request. @returns {{ok, status, body}} status 0: no network */
export async function ask(address, body) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE);
  try {
    const answer = await fetch(address, {
      method: body ? "POST" : "GET",
      headers: { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      signal: giveUp.signal,
      redirect: "error", // a wireless network's sign-in page is not our answer
    });
    if (!/\bjson\b/.test(answer.headers.get("content-type") ?? "")) return { ok: false, status: 0, body: {} };
    return { ok: answer.ok, status: answer.status, body: await answer.json() };
  } catch {
    return { ok: false, status: 0, body: {} };
  } finally {
    clearTimeout(timer);
  }
}

const isLater = (status) => status === 0 || status === 429 || status >= 500;

export class Saver {
  /** @param {(status: {kind: string, time?: string, said?: string}) => void} tell kinds: idle saving saved kept wrong ended conflict */
  constructor(model, who, address, tell) {
    Object.assign(this, { model, who, address, tell });
    this.timer = 0;
    this.wait = AGAIN;
    this.running = null;
    this.unkept = new Map();
    this.wasOffline = false;
    this.stopped = false;
  }

  /** Something was typed into these cells. */
  touched(keys) {
    for (const key of keys) this.unkept.set(key, this.model.typed.get(key) ?? null);
    this.keep();
    this.plan(PAUSE);
  }

  plan(delay) {
    clearTimeout(this.timer);
    if (!this.stopped && !this.model.sheet.is_amending) this.timer = setTimeout(() => this.save(), delay);
  }

  keep(change = {}) {
    const edits = Object.fromEntries(this.unkept);
    this.unkept.clear();
    return keepSheet(this.who, this.address, { edits, conflicts: Object.fromEntries(this.model.conflicts), ...change }).then(
      () => undefined,
      () => this.tell({ kind: "no_storage" }),
    );
  }

  /** Keep the sheet as the server holds it, and what of the typed is left. */
  keepAll(gone = []) {
    const { model } = this;
    for (const key of gone) this.unkept.set(key, model.typed.get(key) ?? null);
    return this.keep({ sheet: { ...model.sheet, values: { ...model.held } } });
  }

  /** Save what can be saved; one request at a time. @returns whether nothing that can be saved is left */
  save(reason = "") {
    clearTimeout(this.timer);
    this.running = (this.running ?? Promise.resolve()).then(() => this.#save(reason)).catch((error) => {
      this.tell({ kind: "wrong", said: String(error) });
      return false;
    });
    return this.running;
  }

  async #save(reason) {
    const { model } = this;
    const sent = model.pending();
    if (!sent.length || this.stopped) return !sent.length;
    if (model.sheet.is_amending && !reason) return false;
    if (navigator.onLine === false) {
      this.wasOffline = true;
      this.tell({ kind: "offline" });
      this.plan(this.wait);
      return false;
    }
    this.tell({ kind: "saving" });
    const values = Object.fromEntries(sent.map(([key, plain]) => [key, sendValue(model.sheet.cells[key], plain)]));
    const source = this.wasOffline ? "offline" : "form";
    const { ok, status, body } = await ask(this.address, { values, seen: model.sheet.revision, source, reason });
    if (ok) {
      this.wait = AGAIN;
      this.wasOffline = false;
      model.saved(sent, body);
      await this.keepAll(sent.map(([key]) => key));
      this.tell({ kind: "saved", time: body.saved });
      if (body.others_wrote) await this.refresh(); // into other cells; what they wrote must be seen before it is changed
      if (model.pending().length) this.plan(PAUSE);
      return true;
    }
    if (isLater(status)) {
      this.wasOffline ||= status === 0;
      this.tell({ kind: "kept" });
      this.plan(this.wait);
      this.wait = Math.min(SELDOM, this.wait * 2);
      return false;
    }
    if (status === 401) this.tell({ kind: "ended" });
    else await this.#refused(status, body);
    return false;
  }

  async #refused(status, body) {
    const { model } = this;
    const fields = Object.entries(body.fields ?? {});
    const cells = Object.fromEntries(fields.filter(([key]) => model.sheet.cells[key]));
    if (status === 422 && Object.keys(cells).length) {
      model.refuse(cells);
      this.tell({ kind: "wrong", said: "" });
      if (model.pending().length) this.plan(0);
      return;
    }
    this.tell({ kind: "wrong", said: fields.filter(([key]) => !cells[key]).map(([, words]) => words)[0] ?? body.detail });
    // Others have changed cells, handed the report up or decided on it: what the server holds now is looked at again.
    if (status === 409 || body.fields?.reason) {
      const fresh = await this.refresh();
      if (fresh && Object.keys(cells).length && model.pending().length) this.plan(0);
    }
  }

  /** Look at the server's sheet again. @returns whether it could be seen */
  async refresh() {
    const { ok, body } = await ask(this.address);
    if (!ok || body.person !== this.who) return false;
    this.model.rebase(body);
    await this.keepAll();
    return true;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
