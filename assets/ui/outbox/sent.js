// "What I sent from this device": numbers and receipts, kept here and nowhere else, removable.
import { createElement as h, useEffect, useState } from "react";
import { clock, fill } from "../common.js";
import { Receipt } from "./panels.js";
import { subscribe } from "./sender.js";
import { all, remove } from "./store.js";

export function SentItems({ formKey, shown, openAt, followAction, receiptName, without, words, onOpen, children }) {
  const [items, setItems] = useState(null);
  const [asking, setAsking] = useState(null);
  const load = () => all("sent").then(
    (records) => setItems(records.filter((record) => !formKey || record.form === formKey).sort((a, b) => b.at - a.at)),
    () => setItems([]),
  );
  useEffect(() => {
    load();
    return subscribe((message) => message.type === "sent" && load());
  }, [formKey]);
  const forget = async (key) => {
    await remove("sent", key);
    setAsking(null);
    load();
  };
  const way = (item) => {
    if (followAction && item.response?.[receiptName]) {
      // The receipt travels in a form's body, never in an address.
      return h("form", { method: "post", action: followAction },
        h("input", { type: "hidden", name: receiptName, value: item.response[receiptName] }),
        h("button", { type: "submit", className: "btn outline small" }, words.open));
    }
    if (onOpen) return h("button", { type: "button", className: "btn outline small", onClick: () => onOpen(item.response) }, words.open);
    return openAt ? h("a", { className: "btn outline small", href: fill(openAt, item.response ?? {}) }, words.open) : null;
  };
  const line = (item) => h("li", { key: item.key, className: "stack tight" },
    h("div", null, h("b", null, item.title || item.response?.[shown[0]?.[0]] || ""), " ", h("small", null, fill(words.sent_at, { time: clock(item.at) }))),
    h("dl", { className: "stack tight" }, shown.filter(([name]) => item.response?.[name]).map(([name, label]) =>
      h(Receipt, { key: name, label, value: String(item.response[name]), words }))),
    asking === item.key
      ? h("div", { role: "alert", className: "stack tight" },
        h("p", null, words.forget_sure),
        h("div", { className: "actions" },
          h("button", { type: "button", className: "btn danger small", onClick: () => forget(item.key) }, words.forget),
          h("button", { type: "button", className: "btn outline small", onClick: () => setAsking(null) }, words.keep)))
      : h("div", { className: "row" }, way(item), h("button", { type: "button", className: "btn quiet small", onClick: () => setAsking(item.key) }, words.forget)));
  if (items === null) return null;
  const left = items.filter((item) => !without?.includes(item.response?.[shown[0]?.[0]]));
  if (!left.length) return children ?? h("p", { className: "quiet" }, words.empty);
  return h("div", { className: "stack tight" },
    h("ul", { className: "list" }, left.map(line)), h("p", { className: "small" }, words.shared));
}
