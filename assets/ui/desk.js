// Keys of the officer's desk, and a modal dialog on the native element.
import { createElement as h, useEffect, useRef, useState } from "react";
import { keep, recall, sign } from "./common.js";

const SWITCH = "mts.shortcuts"; // "off": no single-letter keys (WCAG 2.1.4)

const typing = (target) => target.closest?.("input,textarea,select,[contenteditable=true]");

function visible(element) {
  return element.getClientRects().length > 0 && !element.disabled;
}

/** J and K over [data-pick]; a letter, or ctrl+enter, presses the element with that data-shortcut; ? shows them. */
export function Shortcuts({ words }) {
  const box = useRef(null);
  const [off, setOff] = useState(false);
  const [known, setKnown] = useState([]);
  const show = () => {
    const seen = [...document.querySelectorAll("[data-shortcut]")].filter(visible);
    setKnown(seen.map((element) => {
      const words = element.cloneNode(true);
      words.querySelectorAll("kbd").forEach((key) => key.remove());
      return [element.getAttribute("aria-keyshortcuts") ?? element.dataset.shortcut, words.textContent.trim()];
    }));
    box.current.showModal();
  };
  useEffect(() => {
    setOff(recall(SWITCH) === "off");
  }, []);
  useEffect(() => {
    const press = (name) => {
      const target = [...document.querySelectorAll(`[data-shortcut="${name}"]`)].find(visible);
      target?.click();
      return Boolean(target);
    };
    const move = (step, repeat) => {
      const picks = [...document.querySelectorAll("[data-pick]")].filter(visible);
      if (!picks.length) return;
      const at = picks.indexOf(document.activeElement);
      const from = at >= 0 ? at : picks.findIndex((pick) => pick.getAttribute("aria-current") === "true");
      const next = picks[Math.min(picks.length - 1, Math.max(0, from + step))];
      next.focus();
      next.scrollIntoView({ block: "nearest" });
      if (!repeat) next.click(); // a held key only moves; what it stops at is opened by Enter
    };
    const onKey = (event) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        if (press("ctrl+enter")) event.preventDefault();
        return;
      }
      if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const key = event.key.toLowerCase();
      if (key === "j" || key === "k") move(key === "j" ? 1 : -1, event.repeat);
      else if (key === "?") show();
      else if (!/^[a-z0-9]$/.test(key) || !press(key)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [off]);
  const toggle = () => {
    setOff(!off);
    keep(SWITCH, off ? null : "off");
  };
  const line = ([key, what]) => h("li", { key, className: "row apart" }, h("span", null, what), h("kbd", null, key));
  return h("div", null,
    h("button", { type: "button", className: "btn quiet small keys", onClick: show }, h("kbd", null, "?"), words.title),
    h("dialog", { ref: box, className: "dialog", "aria-label": words.title },
      h("h2", null, words.title),
      h("ul", { className: "list" }, [["J · K", words.move], ["?", words.help], ...known].map(line)),
      h("div", { className: "actions" },
        h("button", { type: "button", className: "btn primary", onClick: () => box.current.close() }, words.close),
        h("button", { type: "button", className: "btn outline", onClick: toggle }, off ? words.on : words.off))));
}

/** A modal dialog. With `trigger` it opens itself by that button; without, `open` says. The browser returns the focus. */
export function Dialog({ title, trigger, triggerClass, open, closeLabel, onClose, children, id }) {
  const box = useRef(null);
  useEffect(() => {
    if (trigger) return;
    if (open && !box.current.open) box.current.showModal();
    if (!open && box.current.open) box.current.close();
  }, [trigger, open]);
  const heading = `${id}-title`;
  return h("div", null,
    trigger ? h("button", { type: "button", className: triggerClass, "aria-haspopup": "dialog", onClick: () => box.current.showModal() }, trigger) : null,
    h("dialog", { ref: box, id, className: "dialog", "aria-labelledby": heading, onClose: () => onClose?.() },
      h("div", { className: "dialog-head" },
        h("h2", { id: heading }, title),
        h("button", { type: "button", className: "btn quiet small", "aria-label": closeLabel, onClick: () => box.current.close() }, sign("cross"))),
      children));
}
