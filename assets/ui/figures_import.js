// Filled Excel templates of figures: tried first, file by file; written only when nothing is wrong and the person says so.
// Sent in small lots, one after the other, so that much shows progress. Sending again is safe: what is written stays as it is.
import { createElement as h, useRef, useState } from "react";
import { fill, notice } from "./common.js";

const LOT = 50; // files of one request
const SHOWN = 200; // rows of a table

const lots = (files) => Array.from({ length: Math.ceil(files.length / LOT) }, (_, i) => files.slice(i * LOT, (i + 1) * LOT));
const sum = (files, name) => files.reduce((total, file) => total + file[name], 0);

export function FiguresImport({ id, action, owner, words }) {
  const input = useRef(null);
  const chosen = useRef([]); // kept here and not in the control, so that choosing a mended file of the same name tells us again
  const reason = useRef(null);
  const [busy, setBusy] = useState(""); // what is under way, in words
  const [said, setSaid] = useState(null); // ["ok" | "late", words]
  const [tried, setTried] = useState(null);

  const post = async (fields, files) => {
    const body = new FormData();
    Object.entries({ ...owner, ...fields }).forEach(([name, value]) => body.append(name, value));
    files.forEach((file) => body.append("file", file));
    const answer = await fetch(action, { method: "POST", body, headers: { accept: "application/json" } });
    if (answer.ok) return answer;
    const problem = await answer.json();
    throw Object.assign(new Error(), { words: Object.values(problem.fields ?? {})[0] ?? problem.detail });
  };
  const working = async (act) => {
    setSaid(null);
    try {
      await act();
    } catch (error) {
      setSaid(["late", error.words ?? words.failed]);
    } finally {
      setBusy("");
    }
  };
  const check = () => working(async () => {
    setTried(null);
    const files = chosen.current;
    const found = [];
    for (const lot of lots(files)) {
      setBusy(fill(words.checking, { n: found.length, of: files.length }));
      found.push(...(await (await post({ viec: "kiem-tra" }, lot)).json()).files);
    }
    if (!found.length) return;
    setTried(found);
    const problems = sum(found, "problem_count");
    const changes = sum(found, "difference_count");
    if (problems) setSaid(["late", fill(words.problems, { n: problems })]);
    else setSaid(["ok", changes ? fill(words.ready, { n: changes, files: found.length }) : words.nothing]);
  });
  const choose = () => {
    chosen.current = [...input.current.files];
    input.current.value = "";
    return check();
  };
  const write = () => working(async () => {
    const files = chosen.current;
    let [done, changed] = [0, 0];
    try {
      for (const lot of lots(files)) {
        setBusy(fill(words.writing, { n: done, of: files.length }));
        changed += (await (await post({ viec: "ghi", "ly-do": reason.current?.value ?? "" }, lot)).json()).changed;
        done += lot.length;
      }
    } catch (error) {
      const so_far = done ? fill(words.so_far, { n: done, of: files.length }) : "";
      throw Object.assign(new Error(), { words: `${error.words ?? words.failed} ${so_far}`.trim() });
    }
    setTried(null);
    chosen.current = [];
    setSaid(["ok", fill(words.done, { n: changed })]);
  });
  const marked = (name) => working(async () => {
    setBusy(words.marking);
    const file = chosen.current.find((each) => each.name === name);
    const address = URL.createObjectURL(await (await post({ viec: "danh-dau" }, [file])).blob());
    const link = Object.assign(document.createElement("a"), { href: address, download: fill(words.marked_name, { name: name.replace(/\.xlsx$/i, "") }) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });

  const table = (caption, titles, rows) => h("div", { className: "table-box", role: "region", tabIndex: 0, "aria-label": caption },
    h("table", { className: "table stacks" },
      h("caption", null, caption),
      h("thead", null, h("tr", null, titles.map((title) => h("th", { key: title, scope: "col" }, title)))),
      h("tbody", null, rows.map((cells, at) => h("tr", { key: at }, cells.map((cell, column) =>
        h(column ? "td" : "th", column ? { key: column, "data-label": titles[column] } : { key: column, scope: "row" }, cell)))))));
  const rows = (list, cells) => (tried ?? []).flatMap((file) => file[list].map((each) => [
    ...((tried.length > 1) ? [file.name] : []), each.row ? `${each.column}${each.row}` : words.whole_file, each.unit, each.cell, ...cells(each)])).slice(0, SHOWN);
  const titles = (...more) => [...((tried?.length ?? 0) > 1 ? [words.file] : []), words.place, words.unit, words.cell, ...more];
  const problems = rows("problems", (each) => [each.words]);
  const differences = rows("differences", (each) => [each.before || words.empty, each.after || words.empty]);
  const wrong = (tried ?? []).filter((file) => file.problem_count);
  const amended = tried ? sum(tried, "amended") : 0;
  const total = tried ? sum(tried, "difference_count") : 0;
  return h("div", { className: "stack" },
    h("div", { className: "drop-way" },
      h("span", { className: "btn outline", "aria-hidden": "true" }, busy || words.choose),
      h("input", { id, ref: input, type: "file", accept: ".xlsx", multiple: true, disabled: Boolean(busy), onChange: choose, "aria-label": words.choose })),
    h("div", { role: said?.[0] === "late" ? "alert" : "status" }, said ? notice(said[0], said[1]) : busy ? h("p", null, busy) : null),
    (tried ?? []).filter((file) => file.absent).map((file) => h("div", { key: file.name }, notice("wait", file.absent))),
    wrong.length ? h("div", { className: "actions" }, wrong.slice(0, 20).map((file) =>
      h("button", { key: file.name, type: "button", className: "btn outline", disabled: Boolean(busy), onClick: () => marked(file.name) }, fill(words.marked, { name: file.name })))) : null,
    problems.length ? table(fill(words.problems_caption, { n: problems.length }), titles(words.problem), problems) : null,
    tried && !wrong.length && total ? h("div", { className: "stack" },
      amended ? h("div", { className: "field" },
        h("label", { htmlFor: `${id}-ly-do` }, fill(words.reason, { n: amended })),
        h("textarea", { id: `${id}-ly-do`, ref: reason, rows: 2, maxLength: 500, required: true, className: "input" })) : null,
      h("div", { className: "actions" }, h("button", { type: "button", className: "btn primary", disabled: Boolean(busy), onClick: write }, fill(words.write, { n: total })))) : null,
    differences.length ? table(fill(words.differences_caption, { n: differences.length, of: total }), titles(words.before, words.after), differences) : null);
}
