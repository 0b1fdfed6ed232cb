// Files for what is being written: sent at once, one after the other, each refusal said in the server's own words.
import { createElement as h, useRef, useState } from "react";
import { fill, notice } from "./common.js";

export function AttachFiles({ id, action, owner, accept, words, onDone }) {
  const input = useRef(null);
  const [busy, setBusy] = useState("");
  const [refused, setRefused] = useState([]);
  const send = async () => {
    const chosen = [...input.current.files];
    const wrong = [];
    setRefused([]);
    for (const [at, file] of chosen.entries()) {
      setBusy(fill(words.sending, { n: at + 1, all: chosen.length }));
      const body = new FormData();
      Object.entries(owner).forEach(([name, value]) => body.append(name, value));
      body.append("file", file, file.name);
      try {
        const answer = await fetch(action, { method: "POST", body, headers: { accept: "application/json" } });
        if (!answer.ok) wrong.push((await answer.json().catch(() => ({}))).detail ?? fill(words.failed, { name: file.name }));
      } catch {
        wrong.push(fill(words.failed, { name: file.name }));
      }
    }
    input.current.value = "";
    setBusy("");
    setRefused(wrong);
    if (wrong.length < chosen.length) onDone();
  };
  return h("div", { className: "stack tight" },
    h("div", { className: "drop-way" },
      h("span", { className: "btn outline", "aria-hidden": "true" }, busy || words.choose),
      h("input", { id, ref: input, type: "file", multiple: true, accept, disabled: Boolean(busy), onChange: send, "aria-label": words.choose, "aria-describedby": `${id}-hint` })),
    h("p", { id: `${id}-hint`, className: "hint" }, words.hint),
    h("div", { role: "alert" }, refused.map((text, at) => h("div", { key: at }, notice("late", text)))),
    h("p", { role: "status", className: "visually-hidden" }, busy));
}
