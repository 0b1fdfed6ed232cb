// Keys of the officer's desk, and a modal dialog on the native element.
import { createElement as h, useEffect, useRef, useState } from "react";
import { subscribe } from "../live_source.js";
import { keep, recall, sign } from "./common.js";

const SWITCH = "mts.shortcuts"; // "off": no single-letter keys (WCAG 2.1.4)

const typing = (target) => target.closest?.("input,textarea,select,[contenteditable=true]");

function visible(element) {
  return element.getClientRects().length > 0 && !element.disabled;
}

/**
 * J and K (or the arrows, inside the list) over [data-pick]; a letter, ctrl+enter or escape presses the element with that
 * data-shortcut; data-focus-key="s" takes the focus instead; ? shows them all.
 */
export function Shortcuts({ words }) {
  const box = useRef(null);
  const [off, setOff] = useState(false);
  const [known, setKnown] = useState([]);
  const show = () => {
    const seen = [...document.querySelectorAll("[data-shortcut],[data-focus-key]")].filter(visible);
    setKnown(seen.map((element) => {
      const words = element.cloneNode(true);
      words.querySelectorAll("kbd").forEach((key) => key.remove());
      const said = element.dataset.focusKey ? element.labels?.[0]?.textContent ?? "" : words.textContent;
      return [element.getAttribute("aria-keyshortcuts") ?? element.dataset.shortcut, said.trim()];
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
    const enter = (name) => {
      const target = [...document.querySelectorAll(`[data-focus-key="${name}"]`)].find(visible);
      target?.focus();
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
      if (event.key === "Escape") {
        // Out of a field first; what was typed is kept. The next one closes.
        if (typing(event.target)) document.querySelector(".desk-title")?.focus();
        else if (!press("escape")) return;
        event.preventDefault();
        return;
      }
      if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const key = event.key.toLowerCase();
      const picked = event.target.closest?.("[data-pick]");
      if (key === "j" || key === "k") move(key === "j" ? 1 : -1, event.repeat);
      else if (picked && (key === "arrowdown" || key === "arrowup")) move(key === "arrowdown" ? 1 : -1, true);
      else if (picked?.getAttribute("aria-current") === "true" && key === "enter") document.querySelector(".desk-title")?.focus();
      else if (key === "?") show();
      else if (!/^[a-z0-9]$/.test(key) || !(press(key) || enter(key))) return;
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

/**
 * Tells of changes of the live topic (not of the first value, not of a mere sign of life), and leads the focus: to the open
 * item where the list gives way to it, back to its line when it closes, to its heading when an act took the pressed button away.
 */
export function DeskWatch({ topic, item, version, page, onChange }) {
  const change = useRef(onChange);
  const before = useRef({ item, version, page });
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    if (!topic) return undefined;
    let known = null;
    return subscribe(topic, ({ _live, ...data }, has) => {
      if (!has) return;
      const now = JSON.stringify(data);
      if (known !== null && known !== now) change.current();
      known = now;
    });
  }, [topic]);
  useEffect(() => {
    const last = before.current;
    before.current = { item, version, page };
    if (page !== last.page && last.page !== undefined) document.querySelector(".desk-list")?.scrollTo(0, 0);
    if (item && item === last.item && version !== last.version) document.querySelector(".desk-item>.notice")?.scrollIntoView({ block: "nearest" });
    const lost = !document.activeElement || document.activeElement === document.body || !visible(document.activeElement);
    if (!lost || (item === last.item && version === last.version)) return;
    if (item) document.querySelector(".desk-title")?.focus({ preventScroll: true });
    else document.querySelector(`[data-pick="${last.item}"]`)?.focus();
    if (item && item !== last.item) document.querySelector(".desk-detail")?.scrollTo(0, 0);
  }, [item, version, page]);
  return null;
}

/** A modal dialog. With `trigger` it opens itself by that button; without, `open` says. The browser returns the focus. */
export function Dialog({ title, trigger, triggerClass, open, closeLabel, onClose, children, id, shortcut }) {
  const box = useRef(null);
  useEffect(() => {
    if (trigger) return;
    if (open && !box.current.open) box.current.showModal();
    if (!open && box.current.open) box.current.close();
  }, [trigger, open]);
  const heading = `${id}-title`;
  return h("div", null,
    trigger ? h("button", { type: "button", className: triggerClass, "aria-haspopup": "dialog", onClick: () => box.current.showModal(), ...(shortcut ? { "data-shortcut": shortcut.toLowerCase(), "aria-keyshortcuts": shortcut } : {}) },
      trigger, shortcut ? h("span", { className: "keys", "aria-hidden": "true" }, h("kbd", null, shortcut)) : null) : null,
    h("dialog", { ref: box, id, className: "dialog", "aria-labelledby": heading, onClose: () => onClose?.(), onSubmit: () => trigger && box.current.close() },
      h("div", { className: "dialog-head" },
        h("h2", { id: heading }, title),
        h("button", { type: "button", className: "btn quiet small", "aria-label": closeLabel, onClick: () => box.current.close() }, sign("cross"))),
      children));
}
