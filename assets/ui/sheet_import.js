// A filled Excel sheet: checked row by row first, written only when every row is right and the person says so.
import { createElement as h, useRef, useState } from "react";
import { fill, notice } from "./common.js";

export function SheetImport({ id, action, owner, words, onDone }) {
  const input = useRef(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState(null); // ["ok" | "late", words]
  const [plan, setPlan] = useState(null);
  const post = async (fields) => {
    const body = new FormData();
    Object.entries({ ...owner, ...fields }).forEach(([name, value]) => body.append(name, value));
    body.append("file", input.current.files[0]);
    setBusy(true);
    setSaid(null);
    try {
      const answer = await fetch(action, { method: "POST", body, headers: { accept: "application/json" } });
      const result = await answer.json();
      if (answer.ok) return result;
      setSaid(["late", result.detail ?? words.failed]);
    } catch {
      setSaid(["late", words.failed]);
    } finally {
      setBusy(false);
    }
    return null;
  };
  const check = async () => {
    setPlan(null);
    if (!input.current.files.length) return;
    const result = await post({});
    setPlan(result);
    if (!result) return;
    if (result.faults) setSaid(["late", fill(words.faults, { n: result.faults })]);
    else setSaid(["ok", result.new ? fill(words.ready, { n: result.new }) : words.nothing]);
  };
  const apply = async () => {
    const result = await post({ ghi: "1" });
    if (!result) return;
    setPlan(null);
    input.current.value = "";
    setSaid(["ok", fill(words.done, { n: result.added })]);
    onDone();
  };
  const cells = (row) => [
    h("th", { key: 0, scope: "row" }, row.number),
    h("td", { key: 1, "data-label": words.kind }, row.kind),
    h("td", { key: 2, "data-label": words.name }, row.name),
    h("td", { key: 3, "data-label": words.result, className: row.fault ? "late" : undefined }, row.fault || (row.known ? words.known : words.fine)),
  ];
  const shown = plan ? [...plan.rows].sort((a, b) => Boolean(b.fault) - Boolean(a.fault)).slice(0, 200) : [];
  return h("div", { className: "stack tight" },
    h("div", { className: "drop-way" },
      h("span", { className: "btn outline", "aria-hidden": "true" }, busy ? words.checking : words.choose),
      h("input", { id, ref: input, type: "file", accept: ".xlsx", disabled: busy, onChange: check, "aria-label": words.choose })),
    h("div", { role: said?.[0] === "late" ? "alert" : "status" }, said ? notice(said[0], said[1]) : null),
    plan && !plan.faults && plan.new
      ? h("div", { className: "actions" }, h("button", { type: "button", className: "btn primary", disabled: busy, onClick: apply }, fill(words.apply, { n: plan.new }))) : null,
    plan ? h("div", { className: "table-box", role: "region", tabIndex: 0, "aria-label": words.caption },
      h("table", { className: "table stacks" },
        h("caption", null, words.caption),
        h("thead", null, h("tr", null, [words.row, words.kind, words.name, words.result].map((title) => h("th", { key: title, scope: "col" }, title)))),
        h("tbody", null, shown.map((row) => h("tr", { key: row.number }, cells(row)))))) : null);
}
