// What an outbox form says: about its draft, what is wrong, what waits, what was sent.
import { createElement as h, useState } from "react";
import { clock, fill, notice } from "../common.js";
import { goTo } from "./fields.js";

export function DraftLine({ words, line, onDiscard, onOther }) {
  const said = line ? fill(words[line.said], { time: clock(line.time) }) : "";
  const kept = line && (line.said === "saved" || line.said === "restored");
  return h("div", { className: "saved" },
    h("span", { role: "status" }, said),
    kept ? h("button", { type: "button", className: "btn quiet small", onClick: onDiscard }, words.discard) : null,
    line?.said === "other" ? h("button", { type: "button", className: "btn quiet small", onClick: onOther }, words.take_other) : null);
}

export function ErrorSummary({ words, errors, form }) {
  const follow = (name) => (event) => {
    event.preventDefault();
    goTo(form.current, name);
  };
  const names = Object.keys(errors.fields);
  return h("div", { className: "summary", role: "alert", tabIndex: -1 },
    h("h2", null, errors.title || words.refused),
    names.length ? h("ul", null, names.map((name) =>
      h("li", { key: name }, h("a", { href: `#${name}`, onClick: follow(name) }, errors.fields[name])))) : null);
}

export function WaitingPanel({ words, waiting, onSendNow, onEdit }) {
  const why = waiting?.offline || !waiting?.next_at ? words.waiting_offline : fill(words.waiting_server, { time: clock(waiting.next_at) });
  return h("div", { tabIndex: -1, role: "status" },
    notice("wait", words.waiting_title,
      h("p", null, why),
      h("p", null, waiting?.unkept ? words.waiting_stay : words.waiting_close),
      h("div", { className: "row" },
        h("button", { type: "button", className: "btn outline small", "aria-busy": waiting?.busy ? "true" : "false", onClick: onSendNow },
          waiting?.busy ? words.sending : words.send_now),
        onEdit ? h("button", { type: "button", className: "btn quiet small", onClick: onEdit }, words.edit) : null)));
}

/** A value that is to be copied down, with a button that does. */
export function Receipt({ label, value, words }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // the value can be selected by hand: the class lets one touch select it all
    }
  };
  return h("div", null,
    h("dt", { className: "small" }, label),
    h("dd", { className: "row" },
      h("span", { className: "receipt" }, value),
      h("button", { type: "button", className: "btn outline small", onClick: copy, "aria-label": `${words.copy}: ${label}` }, copied ? words.copied : words.copy),
      h("span", { className: "visually-hidden", role: "status" }, copied ? words.copied : "")));
}

/** The receipt as a small text file: made here, sent nowhere. */
function save(words, response, lines) {
  const text = [...lines.map(([name, label]) => `${label}: ${response[name]}`), "", words.receipt_use, location.origin].join("\r\n");
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  const way = Object.assign(document.createElement("a"), { href: address, download: fill(words.file, response) });
  way.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function SentPanel({ words, response, shown, notes, openAt, kept, onAnother }) {
  const there = openAt && /\{(\w+)\}/.test(openAt) ? fill(openAt, response ?? {}) : openAt;
  const known = ([name]) => response?.[name];
  return h("div", { tabIndex: -1, className: "stack sent" },
    notice(kept ? "ok" : "wait", words.sent_title, h("p", null, kept ? words.kept : words.kept_not)),
    h("div", { className: "card stack" },
      h("dl", { className: "stack" }, shown.filter(known).map(([name, label]) =>
        h(Receipt, { key: name, label, value: String(response[name]), words }))),
      h("p", { className: "small" }, words.receipt_use),
      h("div", { className: "row no-print" },
        h("button", { type: "button", className: "btn outline small", onClick: () => save(words, response, [...shown, ...notes].filter(known)) }, words.save),
        h("button", { type: "button", className: "btn outline small", onClick: () => print() }, words.print))),
    notes.some(known) ? h("dl", { className: "card facts" }, notes.filter(known).flatMap(([name, label]) =>
      [h("dt", { key: `${name}-label` }, label), h("dd", { key: name }, String(response[name]))])) : null,
    h("div", { className: "actions" },
      there ? h("a", { className: "btn primary", href: there }, words.open) : null,
      h("button", { type: "button", className: "btn outline", onClick: onAnother }, words.another)));
}
