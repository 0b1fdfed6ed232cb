// The tables of a sheet: cells that redraw alone, keys as in Excel, a block pasted as one change.
import { createElement as h, memo, useSyncExternalStore } from "react";
import { fill } from "../ui/common.js";
import { readBlock, sayValue } from "./values.js";

const idOf = (key) => `o-${key.replace(/[^a-z0-9_]/g, "-")}`;

export function goTo(key) {
  const element = document.getElementById(idOf(key));
  element?.focus();
  element?.scrollIntoView({ block: "center" });
}

/** Redraw when `key` of the model changes. */
export const useModel = (model, key) => useSyncExternalStore(model.subscribe(key), model.version(key), () => 0);

export function Tables({ model, sheet, words, actions, frozen }) {
  return sheet.sections.map((section, place) =>
    h("section", { key: place, "aria-labelledby": `phan-${place}` },
      h("h3", { id: `phan-${place}` }, section.title),
      section.note ? h("p", { className: "small" }, section.note) : null,
      section.tables.map((table, at) => h(Table, { key: at, model, table, words, actions, frozen, heading: `phan-${place}` }))));
}

const Table = memo(function Table({ model, table, words, actions, frozen, heading }) {
  const isOne = table.columns.length === 1;
  const box = (row, key, column) => {
    const label = isOne ? undefined : table.columns[column];
    if (!key) return h("td", { key: column, className: "none" });
    return h("td", { key: column, "data-label": label }, h(Cell, { model, id: key, words, actions, frozen, isOne }));
  };
  return h("div", { className: isOne ? "sheet-box one" : "sheet-box" },
    h("table", { className: "sheet-table", "aria-labelledby": heading },
      h("thead", null, h("tr", null,
        h("th", { scope: "col" }, words.indicator),
        table.columns.map((label, column) => h("th", { key: column, scope: "col" }, label || words.now)))),
      h("tbody", null, table.rows.map((row, at) =>
        h("tr", { key: at, className: row.level ? "part" : undefined },
          h("th", { scope: "row" }, row.name, row.note || row.help ? h("small", null, [row.note, row.help].filter(Boolean).join(" · ")) : null),
          row.cells.map((key, column) => box(row, key, column)))))));
});

const Cell = memo(function Cell({ model, id: key, words, actions, frozen, isOne }) {
  useModel(model, key);
  const cell = model.sheet.cells[key];
  const id = idOf(key);
  const last = model.sheet.last[key];
  const fault = model.fault(key);
  const found = model.findingsAt(key);
  const isDoubted = model.isDoubted(key);
  const isHard = isDoubted && model.findings.some((finding) => finding.severity === "hard" && finding.cells.includes(key));
  const said = [
    fault ? fault.said ?? fill(words[fault.error], { value: fault.value }) : null,
    ...found.map((finding) => finding.message),
  ].filter(Boolean);
  const notes = [
    last === undefined ? null : fill(words.last_value, { period: model.sheet.last_period, value: sayValue(cell, last) }),
    cell.required ? words.required : cell.computed && isOne ? words.computed : null,
    model.sheet.comments[key] ? fill(words.noted, { n: model.sheet.comments[key] }) : null,
  ].filter(Boolean).join(" · ");
  const described = [notes ? `${id}-them` : "", said.length ? `${id}-loi` : ""].filter(Boolean).join(" ") || undefined;
  const isTyped = model.typed.has(key);
  return h("div", { className: ["cell", isTyped && "typed", isDoubted && "doubt", isHard && "hard"].filter(Boolean).join(" ") },
    h(Control, { model, cellKey: key, cell, id, words, actions, frozen, described, isWrong: Boolean(fault) || isHard }),
    notes ? h("small", { id: `${id}-them` }, notes) : null,
    said.length ? h("span", { id: `${id}-loi`, className: fault || isHard ? "said" : "said soft" }, said.join(" ")) : null,
    model.conflicts.has(key) ? h(Choice, { model, cellKey: key, cell, words, actions }) : null);
});

function Choice({ model, cellKey, cell, words, actions }) {
  const theirs = model.conflicts.get(cellKey);
  const said = fill(words.others_wrote, { value: sayValue(cell, theirs) || words.empty, mine: model.typed.get(cellKey) || words.empty });
  const act = (isMine, label) =>
    h("button", { type: "button", className: "btn outline small", onClick: () => actions.settle(cellKey, isMine) }, label);
  return h("div", { role: "group", "aria-label": cell.name }, h("span", { className: "said" }, said), " ", act(true, words.take_mine), " ", act(false, words.take_theirs));
}

function Control({ model, cellKey: key, cell, id, words, actions, frozen, described, isWrong }) {
  const shown = model.shown(key);
  if (cell.computed) return h("output", { id, "aria-label": cell.name, "aria-describedby": described, tabIndex: -1 }, shown || "–");
  const common = {
    id, "aria-label": cell.name, "aria-describedby": described, "aria-invalid": isWrong ? "true" : undefined, "data-key": key,
    value: shown, disabled: frozen, "aria-required": cell.required ? "true" : undefined,
    onChange: (event) => actions.type(key, event.target.value),
    onFocus: () => actions.enter(key),
    onBlur: () => model.leave(key),
  };
  if (cell.type === "choice") {
    return h("select", { ...common, className: "input" },
      h("option", { value: "" }, words.choose), cell.options.map(([code, name]) => h("option", { key: code, value: code }, name)));
  }
  if (cell.type === "text") return h("textarea", { ...common, className: "input", rows: 2 });
  return h("input", {
    ...common, className: cell.type === "date" ? "input" : "input num", type: "text", autoComplete: "off", enterKeyHint: "next",
    inputMode: cell.type === "integer" ? "numeric" : cell.type === "decimal" ? "decimal" : undefined,
    onFocus: (event) => {
      event.target.select();
      actions.enter(key);
    },
  });
}

/** Keys of the grid: arrows, Enter, Home and End; what moves within a text stays the text's until its edge is reached. */
export function onKeyDown(model, event, actions) {
  const { target, key } = event;
  const from = target.dataset?.key;
  if (!from || event.altKey || event.metaKey || event.isComposing) return;
  if (event.ctrlKey) {
    if (key.toLowerCase() === "z" && !event.shiftKey && model.lastPaste) {
      event.preventDefault();
      actions.undo();
    } else if (key === "Home" || key === "End") go(event, edgeOfAll(model, key === "Home"));
    return;
  }
  if (target.tagName !== "INPUT") return;
  const { selectionStart: start, selectionEnd: end, value } = target;
  const isWhole = start === 0 && end === value.length;
  const atStart = isWhole || (start === end && start === 0);
  const atEnd = isWhole || (start === end && end === value.length);
  const [row, column] = model.places.get(from);
  if (key === "ArrowDown" || (key === "Enter" && !event.shiftKey)) go(event, vertical(model, row, column, 1));
  else if (key === "ArrowUp" || key === "Enter") go(event, vertical(model, row, column, -1));
  else if (event.shiftKey) return;
  else if (key === "ArrowRight" && atEnd) go(event, horizontal(model, row, column, 1));
  else if (key === "ArrowLeft" && atStart) go(event, horizontal(model, row, column, -1));
  else if (key === "Home" && atStart) go(event, model.rows[row].find((cell) => cell && model.isTyped(cell)));
  else if (key === "End" && atEnd) go(event, model.rows[row].findLast((cell) => cell && model.isTyped(cell)));
}

function go(event, key) {
  event.preventDefault();
  if (key) document.getElementById(idOf(key))?.focus();
}

/* The nearest cell of the next row that has one to type in; a row with fewer columns takes its last. */
function vertical(model, row, column, step) {
  for (let at = row + step; at >= 0 && at < model.rows.length; at += step) {
    const typed = model.rows[at].map((key, place) => [key, place]).filter(([key]) => key && model.isTyped(key));
    if (typed.length) return typed.reduce((best, each) => (Math.abs(each[1] - column) < Math.abs(best[1] - column) ? each : best))[0];
  }
  return null;
}

function horizontal(model, row, column, step) {
  const all = model.rows.flat().filter((key) => key && model.isTyped(key));
  return all[all.indexOf(model.rows[row][column]) + step] ?? null;
}

function edgeOfAll(model, isFirst) {
  const all = model.rows.flat().filter((key) => key && model.isTyped(key));
  return isFirst ? all[0] : all.at(-1);
}

/** A block from Excel goes over the cells from here on; a single value is pasted as anywhere. */
export function onPaste(model, event, actions) {
  const from = event.target.dataset?.key;
  const copied = event.clipboardData?.getData("text/plain") ?? "";
  if (!from || event.target.tagName === "TEXTAREA" || !/[\t\n\r]/.test(copied.replace(/[\r\n]+$/, ""))) return;
  event.preventDefault();
  actions.paste(from, readBlock(copied));
}
