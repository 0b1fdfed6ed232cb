// Which sheets hold something that is on this device only.
import { createElement as h, useEffect, useState } from "react";
import { fill, notice } from "../ui/common.js";
import { person, unsaved } from "./keeping.js";

export function WaitingSheets({ words }) {
  const [kept, setKept] = useState([]);
  useEffect(() => {
    const look = () => person() && unsaved(person()).then(setKept, () => undefined);
    look();
    import("./waiting.js").then(({ start }) => start(), () => undefined);
    addEventListener("mts:sheets", look);
    return () => removeEventListener("mts:sheets", look);
  }, []);
  if (!kept.length) return null;
  return notice("wait", words.title, h("p", null, words.lead), h("ul", null, kept.map(({ address, sheet, edits }) =>
    h("li", { key: address },
      h("a", { href: address.replace("/csdl/so-lieu/", "/csdl/nhap/") },
        fill(words.item, { title: sheet.title, period: sheet.period, n: Object.keys(edits).length }))))));
}
