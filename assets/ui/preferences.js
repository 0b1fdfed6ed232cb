// How the page looks (kept on the device, no account), where the focus goes, what is said when the connection is gone.
import { createElement as h, useContext, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { ColorModeContext, EventLoopContext } from "$/utils/context";
import { keep, recall, sign } from "./common.js";

const LARGE = "mts.large-text"; // also read by the script in the head, before the first paint

export function Preferences({ words }) {
  const { rawColorMode, resolvedColorMode, setColorMode } = useContext(ColorModeContext);
  const [mounted, setMounted] = useState(false);
  const [large, setLarge] = useState(false);
  useEffect(() => {
    setMounted(true);
    setLarge(document.documentElement.classList.contains("large-text"));
  }, []);
  useEffect(() => {
    if (!mounted || rawColorMode === "system") return;
    const colour = resolvedColorMode === "dark" ? "#211c1f" : "#ffffff";
    document.querySelectorAll("meta[name=theme-color]").forEach((meta) => meta.setAttribute("content", colour));
  }, [mounted, rawColorMode, resolvedColorMode]);
  const toggleLarge = () => {
    const next = !large;
    setLarge(next);
    document.documentElement.classList.toggle("large-text", next);
    keep(LARGE, next ? "1" : null);
  };
  const choice = (mode) =>
    h("button", {
      key: mode,
      type: "button",
      "aria-pressed": mounted && rawColorMode === mode ? "true" : "false",
      onClick: () => setColorMode(mode),
    }, words[mode]);
  return h("div", { className: "prefs", role: "group", "aria-label": words.title },
    h("div", { className: "segments", role: "group", "aria-label": words.theme }, ["light", "dark", "system"].map(choice)),
    h("button", { type: "button", className: "switch", "aria-pressed": large ? "true" : "false", onClick: toggleLarge }, words.large));
}

let lastPath = null; // of the page before; null while the first page stands

/** After a change of page without loading: focus on the new h1, so that it is read out and Tab goes on from there. */
export function FocusOnNavigation() {
  const { pathname, hash } = useLocation();
  useEffect(() => {
    const moved = lastPath !== null && lastPath !== pathname;
    lastPath = pathname;
    if (!moved || hash) return undefined;
    let tries = 0;
    const timer = setInterval(() => {
      const heading = document.querySelector("h1");
      // A title that comes over the socket is waited for, a second at most.
      if ((heading && heading.textContent.trim()) || ++tries > 20) {
        clearInterval(timer);
        heading?.focus({ preventScroll: true });
      }
    }, 50);
    return () => clearInterval(timer);
  }, [pathname, hash]);
  return null;
}

/** Moves the focus to what has just appeared around it (its nearest ancestor that takes it), and again for another `of`. */
export function FocusHere({ of }) {
  const place = useRef(null);
  useEffect(() => {
    const target = place.current.closest("[tabindex]");
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest" });
  }, [of]);
  return h("span", { ref: place, hidden: true });
}

/** The document's title of a page whose heading comes with its data. */
export function DocumentTitle({ title, brand }) {
  const { pathname } = useLocation();
  useEffect(() => {
    if (title) document.title = `${title} · ${brand}`;
  }, [title, pathname]);
  return null;
}

/** One line while the device has no network, or the socket cannot be reached. */
export function ConnectionWords({ words }) {
  const errors = useContext(EventLoopContext)?.[1] ?? [];
  const [online, setOnline] = useState(true);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine !== false);
    look();
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  const said = !online ? words.offline : errors.length > 1 ? words.unreachable : "";
  return h("div", { role: "status", className: said ? "offline" : undefined },
    said ? h("div", { className: "inner" }, sign("offline"), said) : null);
}
