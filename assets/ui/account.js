// Who is signed in, said at the right end of the top bar, and the warning before a session runs out.
import { createElement as h, useEffect, useRef, useState } from "react";
import { fill, keep, sign } from "./common.js";

const WARNING = 120_000; // ms before the end
const SLACK = 5_000; // ms

const ask = (path, method = "GET") =>
  fetch(path, { method, headers: { accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);

/** A link to sign in, or to the own account; without a script the former. */
export function AccountSlot({ words, plain }) {
  const [me, setMe] = useState(null);
  useEffect(() => {
    ask("/api/v1/me").then((found) => {
      if (found?.kind === "anonymous") keep("mts.person", null); // what this device keeps of who has signed out opens to nobody
      else if (found) setMe(found);
    });
  }, []);
  const look = plain ? "btn quiet small" : "btn outline small";
  if (!me) return plain ? null : h("a", { href: "/dang-nhap", className: look }, words.sign_in);
  return h("div", { className: "account" },
    h("a", { href: "/tai-khoan", className: look, title: me.name || undefined }, sign("person"), words.account),
    h(IdleWatch, { first: me, words }));
}

/** Two minutes before the session ends by idling: go on with one press. After it: the way back, with the words kept. */
function IdleWatch({ first, words }) {
  const box = useRef(null);
  const timer = useRef(0);
  const [left, setLeft] = useState(null); // seconds; null while all is well, 0 when it has ended
  const plan = (me) => {
    clearTimeout(timer.current);
    if (!me || me.kind === "anonymous") return setLeft(me ? 0 : null);
    const rest = Math.min(Date.parse(me.idle_until), Date.parse(me.until)) - Date.parse(me.now);
    if (rest > WARNING + SLACK) {
      setLeft(null);
      // Whatever happened meanwhile has moved the end: asked again, which is itself no sign of life.
      timer.current = setTimeout(() => ask("/api/v1/me").then(plan), rest - WARNING);
    } else count(Math.max(0, Math.round(rest / 1000)));
    return undefined;
  };
  const count = (seconds) => {
    setLeft(seconds);
    if (seconds > 0) timer.current = setTimeout(() => (seconds > 10 ? count(seconds - 10) : ask("/api/v1/me").then(plan)), Math.min(10, seconds) * 1000);
  };
  useEffect(() => {
    plan(first);
    return () => clearTimeout(timer.current);
  }, []);
  useEffect(() => {
    if (left !== null && !box.current.open) box.current.showModal();
    if (left === null && box.current.open) box.current.close();
  }, [left]);
  const stay = () => ask("/api/v1/me/tiep-tuc", "POST").then((me) => plan(me ?? { kind: "anonymous" }));
  const ended = left === 0;
  return h("dialog", { ref: box, className: "dialog", "aria-labelledby": "idle-title" },
    h("h2", { id: "idle-title" }, ended ? words.ended : words.ending),
    h("p", { role: "status" }, ended ? words.kept : fill(words.left, { n: Math.max(1, Math.ceil((left ?? 0) / 60)) })),
    h("div", { className: "actions" },
      ended
        ? h("a", { className: "btn primary", href: `/dang-nhap?tiep=${encodeURIComponent(location.pathname + location.search)}` }, words.sign_in_again)
        : h("button", { type: "button", className: "btn primary", onClick: stay }, words.stay)));
}
