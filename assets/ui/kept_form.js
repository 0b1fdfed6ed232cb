// A form whose words are never lost: kept on the device on every key, and on the server a moment later where `saveTo` is given.
import { createElement as h, useEffect, useRef, useState } from "react";
import { fill, keep, recall, sign } from "./common.js";
import { payload, readDraft, writeDraft } from "./outbox/fields.js";

const PAUSE = 900; // ms without a key until the server is told
const AGAIN = 5_000; // ms until a failed saving is tried again, ever more seldom
const SELDOM = 60_000; // ms

/**
 * Fields that post JSON `{...base, ...fields}` to `saveTo` while they are written. What the server has not confirmed stays
 * on this device under `keepKey` and comes back with the next form of that key, whatever ended the one before.
 * An element with data-preview opens the last answer's `parts`, the masked copy with its marks.
 */
export function KeptForm({ id, keepKey, saveTo, base, initial, savedWords, masked, words, busy, onSend, children }) {
  const form = useRef(null);
  const box = useRef(null);
  const timer = useRef(0);
  const wait = useRef(AGAIN);
  const running = useRef(Promise.resolve());
  const sent = useRef(false);
  const gone = useRef(false);
  const quiet = useRef(false); // while this form itself puts words in
  const touched = useRef(false);
  const [state, setState] = useState({ kind: "", text: savedWords });
  const [copy, setCopy] = useState({ masked: null, parts: [] });
  const name = `mts.kept.${keepKey}`;
  const latest = useRef({ base });
  latest.current = { base };

  const save = async () => {
    clearTimeout(timer.current);
    const fields = payload(readDraft(form.current));
    const local = JSON.stringify(readDraft(form.current));
    setState({ kind: "", text: words.saving });
    try {
      const answer = await fetch(saveTo, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ ...latest.current.base, ...fields }),
      });
      const said = await answer.json().catch(() => ({}));
      if (gone.current) return;
      if (answer.ok) {
        wait.current = AGAIN;
        if (recall(name) === local) keep(name, null);
        setCopy({ masked: said.masked, parts: said.parts });
        setState({ kind: "", text: fill(words.saved, { time: said.saved }) });
      } else if (answer.status === 401) {
        setState({ kind: "ended", text: words.ended });
      } else if (answer.status === 429 || answer.status >= 500) {
        throw new Error(answer.status);
      } else {
        setState({ kind: "wrong", text: Object.values(said.fields ?? {})[0] ?? said.detail ?? words.unsaved });
      }
    } catch {
      if (gone.current) return;
      setState({ kind: "wrong", text: words.unsaved });
      timer.current = setTimeout(() => start(), wait.current);
      wait.current = Math.min(SELDOM, wait.current * 2);
    }
  };
  const put = (fields) => {
    quiet.current = true;
    writeDraft(form.current, fields);
    quiet.current = false;
  };
  const start = () => (running.current = running.current.then(save, save));

  useEffect(() => {
    gone.current = false;
    let left = null;
    try {
      left = JSON.parse(recall(name));
    } catch {
      keep(name, null);
    }
    if (left) {
      put(left);
      touched.current = true;
      setState({ kind: "", text: words.restored });
      if (saveTo) start();
    }
    const online = () => saveTo && recall(name) && start();
    addEventListener("online", online);
    return () => {
      gone.current = true;
      clearTimeout(timer.current);
      removeEventListener("online", online);
      if (sent.current) keep(name, null);
    };
  }, []);

  // What the server holds, also when it comes after the form: a page that loads anew is drawn with what it last knew.
  useEffect(() => {
    if (touched.current || !initial) return;
    put(Object.fromEntries(Object.entries(initial).map(([key, value]) => [key, [value]])));
    setState({ kind: "", text: savedWords });
  }, [JSON.stringify(initial), savedWords]);

  const onInput = () => {
    if (quiet.current) return;
    touched.current = true;
    sent.current = false;
    keep(name, JSON.stringify(readDraft(form.current)));
    if (!saveTo) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(start, PAUSE);
  };
  const submit = async (event) => {
    event.preventDefault();
    clearTimeout(timer.current);
    const missing = form.current.querySelector("input:invalid,textarea:invalid,select:invalid");
    if (missing) {
      const label = missing.closest("[data-field]")?.querySelector("legend,label")?.firstChild?.textContent ?? missing.name;
      setState({ kind: "wrong", text: fill(words.missing, { label }) });
      missing.focus();
      return;
    }
    const fields = Object.fromEntries(new FormData(form.current));
    await running.current; // a saving under way must not put the draft back after it was handed in
    clearTimeout(timer.current);
    sent.current = true;
    onSend(fields);
  };
  const preview = async () => {
    if (saveTo) await start();
    box.current.showModal();
  };
  const parts = copy.parts.map(([text, kind], at) => h(kind ? "mark" : "span", { key: at, className: kind ? "masked" : undefined }, text));
  const heading = `${id}-preview-title`;
  return h("form", { id, ref: form, className: "form", noValidate: true, onInput, onSubmit: submit },
    children,
    h("div", { className: "kept" },
      h("p", { role: "status", className: `saved ${state.kind}` },
        state.kind ? sign("alert") : null, state.text,
        state.kind === "ended"
          ? h("a", { href: `/dang-nhap?tiep=${encodeURIComponent(location.pathname + location.search)}` }, words.sign_in) : null),
      (copy.masked ?? masked ?? []).map((text) => h("span", { key: text, className: "pill wait" }, sign("alert"), text))),
    h("div", { className: "actions ends" },
      h("button", { type: "submit", className: "btn primary", "aria-busy": busy ? "true" : undefined, disabled: busy, "data-shortcut": "ctrl+enter", "aria-keyshortcuts": "Control+Enter" },
        words.submit, h("span", { className: "keys", "aria-hidden": "true" }, h("kbd", null, "Ctrl ↵"))),
      words.preview ? h("button", { type: "button", className: "btn outline", onClick: preview, "aria-haspopup": "dialog", "data-shortcut": "v", "aria-keyshortcuts": "V" },
        words.preview, h("span", { className: "keys", "aria-hidden": "true" }, h("kbd", null, "V"))) : null),
    words.preview ? h("dialog", { ref: box, className: "dialog", "aria-labelledby": heading },
      h("div", { className: "dialog-head" },
        h("h2", { id: heading }, words.preview_title),
        h("button", { type: "button", className: "btn quiet small", "aria-label": words.close, onClick: () => box.current.close() }, sign("cross"))),
      h("p", { className: "pre" }, parts.length ? parts : words.nothing),
      h("p", { className: "small" }, words.preview_note)) : null);
}
