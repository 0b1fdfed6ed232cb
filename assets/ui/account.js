// The right end of the top bar: signing in, or the way to what is one's own. The page itself is the same for everyone, so it
// can be kept by caches and the service worker; who is signed in is asked once a page load.
import { createElement as h, useEffect, useState } from "react";

let asked = null;
const whoIsIt = () => (asked ??= fetch("/api/v1/me", { headers: { Accept: "application/json" }, cache: "no-store" })
  .then((response) => (response.ok ? response.json() : {}), () => {
    asked = null;
    return {};
  }));

export function AccountLink({ ways }) {
  const [kind, setKind] = useState("anonymous");
  useEffect(() => {
    let here = true;
    whoIsIt().then((me) => here && me.kind in ways && setKind(me.kind));
    return () => {
      here = false;
    };
  }, []);
  const [words, href] = ways[kind];
  // A full load: signing in and out change what the socket is.
  return h("a", { className: "btn outline small", href }, words);
}
