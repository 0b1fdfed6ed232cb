// Small things the local components share. Plain React, no other dependency; nothing here touches the page while imported.
import { createElement as h } from "react";

const SIGNS = {
  cross: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
  alert: "M12 3.5 2.5 20h19zM12 10v4.5M12 17.4v.1",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-4 3-6.2 7.5-6.2s7.5 2.2 7.5 6.2",
  offline: "M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4.2-2.5M14 9.3A10 10 0 0 1 19 12M12 19v.01",
};

/** One of the line icons of ui/icons.py, decorative. */
export function sign(name) {
  return h("svg", { viewBox: "0 0 24 24", className: "icon", "aria-hidden": "true" }, h("path", { d: SIGNS[name] }));
}

/** Put values into a wording: "Ảnh {n}" with {n: 2}. */
export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A moment as people say it: "09:41", or "09:41, 23/11" when it was another day. */
export function clock(moment) {
  const date = new Date(moment);
  const two = (n) => String(n).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return date.toDateString() === new Date().toDateString() ? time : `${time}, ${two(date.getDate())}/${two(date.getMonth() + 1)}`;
}

/** A message box like ui.notice: kind ok | go | wait | late. */
export function notice(kind, title, ...children) {
  const icon = { ok: "check", wait: "clock", late: "alert" }[kind] ?? "alert";
  return h("div", { className: `notice ${kind}` }, sign(icon), h("div", null, h("b", null, title), ...children));
}

/** Read from localStorage, which private windows and full disks may refuse. */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Write to localStorage; null removes. Returns whether it was kept. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}
