// One report in the browser: what the server holds, what was typed over it, what that makes of wholes, formulas and checks.
// Plain language, no React: components subscribe to single cells, so a key pressed redraws one of six hundred.
import { judge } from "../reporting/expressions.js";
import { readValue, showValue } from "./values.js";

export class Model {
  constructor(sheet, kept) {
    this.typed = new Map(); // key → text, where it differs from what the server holds
    this.refused = new Map(); // key → words of the server about the text that stands there
    this.conflicts = new Map(Object.entries(kept?.conflicts ?? {})); // key → plain value others wrote meanwhile
    this.typing = null; // {key, text} of the cell with the caret: shown as typed, not as read
    this.listeners = new Map();
    this.versions = new Map();
    this.lastPaste = null;
    this.computed = {};
    this.findings = [];
    this.take(kept?.sheet ?? sheet);
    for (const [key, text] of Object.entries(kept?.edits ?? {})) if (this.isTyped(key)) this.typed.set(key, text);
    if (kept?.sheet && sheet) this.rebase(sheet);
    this.compute();
  }

  take(sheet) {
    this.sheet = sheet;
    this.held = { ...sheet.values };
    this.rows = sheet.sections.flatMap((section) => section.tables.flatMap((table) => table.rows.map((row) => row.cells)));
    this.places = new Map(this.rows.flatMap((cells, row) => cells.map((key, column) => [key, [row, column]])));
  }

  isTyped(key) {
    return Boolean(this.sheet.cells[key]) && !this.sheet.cells[key].computed;
  }

  /** Stand on what the server holds now; where others changed what was typed over, both values stay to choose from. */
  rebase(sheet) {
    const before = this.held;
    this.take(sheet);
    for (const [key, text] of [...this.typed]) {
      if (!this.isTyped(key)) {
        this.typed.delete(key);
        continue;
      }
      const theirs = this.held[key] ?? null;
      const read = readValue(sheet.cells[key], text);
      if (!read.error && read.plain === theirs) {
        this.typed.delete(key);
        this.conflicts.delete(key);
      } else if (theirs !== (before[key] ?? null)) this.conflicts.set(key, theirs);
    }
    this.compute();
    this.tellAll();
  }

  subscribe = (key) => (listener) => {
    if (!this.listeners.has(key)) this.listeners.set(key, new Set());
    this.listeners.get(key).add(listener);
    return () => this.listeners.get(key).delete(listener);
  };

  version = (key) => () => this.versions.get(key) ?? 0;

  tell(key) {
    this.versions.set(key, (this.versions.get(key) ?? 0) + 1);
    this.listeners.get(key)?.forEach((listener) => listener());
  }

  tellAll() {
    for (const key of Object.keys(this.sheet.cells)) this.tell(key);
    this.tell("*");
  }

  read(key) {
    const cell = this.sheet.cells[key];
    if (cell.computed) return { plain: this.computed[key] ?? null, error: "" };
    if (!this.typed.has(key)) return { plain: this.held[key] ?? null, error: "" };
    return readValue(cell, this.typed.get(key));
  }

  shown(key) {
    if (this.typing?.key === key) return this.typing.text;
    const { plain, error } = this.read(key);
    return error ? this.typed.get(key) : showValue(this.sheet.cells[key], plain);
  }

  /** Words about a cell that is wrong: {error, value} of values.js, or {said} by the server; null when it is not. */
  fault(key) {
    const { error, value } = this.read(key);
    if (error) return { error, value };
    return this.refused.has(key) ? { said: this.refused.get(key) } : null;
  }

  /** Put text into cells, as one change. Returns what was there before, to undo it. */
  write(changes) {
    const before = new Map();
    for (const [key, text] of changes) {
      before.set(key, this.typed.get(key) ?? showValue(this.sheet.cells[key], this.held[key]));
      const read = readValue(this.sheet.cells[key], text);
      if (!read.error && read.plain === (this.held[key] ?? null)) this.typed.delete(key);
      else this.typed.set(key, text);
      this.refused.delete(key);
      if (!this.typed.has(key)) this.conflicts.delete(key);
    }
    this.compute();
    for (const [key] of changes) this.tell(key);
    this.tell("*");
    return before;
  }

  type(key, text) {
    this.typing = { key, text };
    this.lastPaste = null;
    this.write([[key, text]]);
  }

  leave(key) {
    if (this.typing?.key !== key) return;
    this.typing = null;
    this.tell(key);
  }

  /**
   * Put a block in from a cell on, down and to the right.
   * @returns {{written: number, bad: string[], computed: number, outside: string[]}}
   */
  paste(key, block) {
    const [top, left] = this.places.get(key);
    const changes = [];
    const done = { written: 0, bad: [], computed: 0, outside: [] };
    block.forEach((values, down) => values.forEach((value, across) => {
      const target = this.rows[top + down]?.[left + across];
      if (target && this.isTyped(target)) changes.push([target, value]);
      else if (target) done.computed += 1;
      else if (value.trim()) done.outside.push(value.trim());
    }));
    this.typing = null;
    this.lastPaste = this.write(changes);
    done.written = changes.length;
    done.bad = changes.map(([cell]) => cell).filter((cell) => this.read(cell).error);
    return done;
  }

  undoPaste() {
    if (!this.lastPaste) return false;
    this.write([...this.lastPaste]);
    this.lastPaste = null;
    return true;
  }

  cells() {
    const found = {};
    for (const key of Object.keys(this.sheet.cells)) {
      const { plain, error } = this.sheet.cells[key].computed ? { plain: null } : this.read(key);
      if (!error && plain !== null) found[key] = plain;
    }
    return found;
  }

  compute() {
    const { values, findings } = judge(this.sheet.judge, this.cells(), this.sheet.others);
    const touched = new Set(findings.concat(this.findings).flatMap((finding) => finding.cells));
    for (const key of Object.keys(values)) if (values[key] !== this.computed[key]) touched.add(key);
    this.computed = values;
    this.findings = findings;
    for (const key of touched) this.tell(key);
  }

  /** The checks that are shown at a cell: those it is the first of. */
  findingsAt(key) {
    return this.findings.filter((finding) => finding.cells[0] === key);
  }

  isDoubted(key) {
    return this.findings.some((finding) => finding.cells.includes(key));
  }

  faults() {
    return [...this.typed.keys()].filter((key) => this.fault(key));
  }

  gaps() {
    return Object.keys(this.sheet.cells).filter((key) => this.sheet.cells[key].required && this.read(key).plain === null);
  }

  required() {
    return Object.keys(this.sheet.cells).filter((key) => this.sheet.cells[key].required).length;
  }

  /** What can be sent: [key, plain] of what was typed, is well, and is not in dispute. */
  pending() {
    return [...this.typed.keys()]
      .filter((key) => !this.fault(key) && !this.conflicts.has(key))
      .map((key) => [key, this.read(key).plain]);
  }

  /** The server has taken these. What was typed meanwhile stays. */
  saved(sent, answer) {
    const { revision, state, state_words, is_amending } = answer;
    this.sheet = { ...this.sheet, revision, state, state_words, is_amending };
    for (const [key, plain] of sent) {
      if (plain === null) delete this.held[key];
      else this.held[key] = plain;
      const read = this.typed.has(key) ? this.read(key) : null;
      if (read && !read.error && read.plain === plain) this.typed.delete(key);
    }
    this.sheet.values = { ...this.held };
    for (const [key] of sent) this.tell(key);
    this.tell("*");
  }

  refuse(fields) {
    for (const [key, words] of Object.entries(fields)) if (this.typed.has(key)) this.refused.set(key, words);
    for (const key of Object.keys(fields)) this.tell(key);
    this.tell("*");
  }

  settle(key, isMine) {
    this.conflicts.delete(key);
    if (!isMine) this.typed.delete(key);
    this.compute();
    this.tell(key);
    this.tell("*");
  }
}
