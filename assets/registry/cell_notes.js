// One cell: who changed it when, from where and why; what was said about it.
import { createElement as h, useEffect, useRef, useState } from "react";
import { fill, sign } from "../ui/common.js";
import { ask } from "./saving.js";
import { sayValue } from "./values.js";

export function CellNotes({ cell: key, model, words, address, onClose }) {
  const box = useRef(null);
  const [found, setFound] = useState(null);
  const [body, setBody] = useState("");
  const [problem, setProblem] = useState("");
  const cell = model.sheet.cells[key];
  useEffect(() => {
    box.current.showModal();
    ask(`${address}/o?key=${encodeURIComponent(key)}`).then(({ ok, status, body: answer }) =>
      ok ? setFound(answer) : setProblem(status === 0 ? words.history_offline : answer.detail));
  }, []);
  const send = async (event) => {
    event.preventDefault();
    const answer = await ask(`${address}/y-kien`, { key, body });
    if (!answer.ok) return setProblem(answer.status === 0 ? words.history_offline : Object.values(answer.body.fields ?? {})[0] ?? answer.body.detail);
    setProblem("");
    setBody("");
    setFound(answer.body);
    model.sheet.comments[key] = answer.body.comments.length;
    return model.tell(key);
  };
  const value = (plain) => sayValue(cell, plain) || words.empty;
  const stop = (event) => event.stopPropagation(); // keys and pasted words here are not the grid's
  return h("dialog", { ref: box, className: "dialog sheet-notes", "aria-labelledby": "o-title", onClose, onKeyDown: stop, onPaste: stop },
    h("div", { className: "dialog-head" },
      h("h2", { id: "o-title" }, cell.name),
      h("button", { type: "button", className: "btn quiet small", "aria-label": words.close, onClick: () => box.current.close() }, sign("cross"))),
    h("h3", null, words.comments),
    found && !found.comments.length ? h("p", { className: "small" }, words.no_comments) : null,
    h("ul", null, (found?.comments ?? []).map((said, at) => h("li", { key: at }, h("p", { className: "pre" }, said.body), h("small", null, `${said.who} · ${said.when}`)))),
    h("form", { className: "form", onSubmit: send, noValidate: true },
      h("div", { className: "field" },
        h("label", { htmlFor: "o-y-kien" }, words.comment),
        h("textarea", { id: "o-y-kien", className: "input", rows: 2, maxLength: 1000, value: body, onChange: (event) => setBody(event.target.value), "aria-describedby": "o-y-kien-loi" }),
        h("p", { id: "o-y-kien-loi", className: "error", role: "alert" }, problem)),
      h("div", { className: "actions" }, h("button", { type: "submit", className: "btn outline" }, words.send_comment))),
    h("h3", null, words.history),
    found && !found.changes.length ? h("p", { className: "small" }, words.no_history) : null,
    h("ul", null, (found?.changes ?? []).map((change, at) =>
      h("li", { key: at },
        h("b", null, fill(words.change, { before: value(change.before), after: value(change.after) })),
        h("small", null, `${change.who} · ${change.when} · ${change.how}`),
        change.reason ? h("small", null, fill(words.why, { reason: change.reason })) : null))));
}
