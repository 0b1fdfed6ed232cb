// The entry page: one report, opened from the server or from this device, filled in, saved as it is typed, handed up.
import { createElement as h, useEffect, useRef, useState } from "react";
import { fill, notice, sign } from "../ui/common.js";
import { CellNotes } from "./cell_notes.js";
import { goTo, onKeyDown, onPaste, Tables, useModel } from "./grid.js";
import { Amending, Handing } from "./handing.js";
import { keepSheet, person, recallSheet, setPerson, tidy } from "./keeping.js";
import { Model } from "./model.js";
import { ask, Saver } from "./saving.js";
import "./sheet.css";

const PAGE = "/csdl/nhap/";
const DOOR = "/csdl/so-lieu/";

/** What stands in the address: where the sheet is read and written. */
const door = () => DOOR + location.pathname.slice(PAGE.length).replace(/\/$/, "");

async function openSheet(address) {
  const { ok, status, body } = await ask(address);
  const who = ok ? body.person : person();
  if (status === 401) setPerson("");
  if (!ok && status !== 0 && status < 500) return { problem: status === 401 ? "signed_out" : "refused", said: body.detail };
  const kept = who ? await recallSheet(who, address).catch(() => null) : null;
  if (!ok && !kept?.sheet) return { problem: navigator.onLine === false ? "offline_new" : "failed" };
  if (ok) setPerson(who);
  return { who, isFresh: ok, kept, model: new Model(ok ? body : null, kept) };
}

export function Sheet({ words }) {
  const [opened, setOpened] = useState(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    setOpened(null);
    openSheet(door()).then((found) => gone || setOpened(found), () => gone || setOpened({ problem: "failed" }));
    return () => (gone = true);
  }, [turn]);
  useEffect(() => {
    if (!["offline_new", "failed"].includes(opened?.problem)) return undefined;
    const again = () => setTurn((now) => now + 1);
    addEventListener("online", again);
    return () => removeEventListener("online", again);
  }, [opened]);
  if (!opened) return h("div", { className: "skeleton", role: "status", "aria-label": words.loading }, [1, 2, 3, 4, 5, 6].map((n) => h("span", { key: n })));
  if (opened.problem === "signed_out") {
    return notice("wait", words.signed_out, h("p", null,
      h("a", { className: "btn primary", href: `/dang-nhap?tiep=${encodeURIComponent(location.pathname)}` }, words.sign_in)));
  }
  if (opened.problem) {
    return notice("late", opened.said || words[opened.problem], h("p", null,
      h("button", { type: "button", className: "btn outline", onClick: () => setTurn(turn + 1) }, words.again)));
  }
  return h(Filling, { key: turn, opened, words });
}

function Filling({ opened: { model, who, kept, isFresh }, words }) {
  useModel(model, "*");
  const [status, setStatus] = useState(() => (Object.keys(kept?.edits ?? {}).length ? { kind: "restored", n: Object.keys(kept.edits).length } : { kind: "idle" }));
  const [pasted, setPasted] = useState(null);
  const [current, setCurrent] = useState(null);
  const [noting, setNoting] = useState(null);
  const [handing, setHanding] = useState(false);
  const [said, setSaid] = useState(null); // {kind, title} after an act
  const saver = useRef(null);
  const draft = useRef(kept?.words ?? {});
  saver.current ??= new Saver(model, who, door(), setStatus);

  useEffect(() => {
    const mine = saver.current;
    mine.stopped = false;
    mine.wasOffline = !isFresh || model.typed.size > 0;
    if (isFresh) mine.keepAll([...new Set([...Object.keys(kept?.edits ?? {})])]).then(() => tidy(who).catch(() => undefined));
    const resume = async () => {
      if (navigator.onLine === false) return;
      await mine.refresh();
      mine.save();
    };
    if (isFresh) mine.plan(0);
    else setStatus({ kind: "offline" });
    addEventListener("online", resume);
    const turn = () => mine.save(); // hidden: before it is gone; seen again: perhaps signed in anew
    document.addEventListener("visibilitychange", turn);
    return () => {
      mine.stop();
      removeEventListener("online", resume);
      document.removeEventListener("visibilitychange", turn);
    };
  }, []);
  const unsaved = model.typed.size;
  useEffect(() => {
    document.documentElement.dataset.typing = unsaved > 0 && !model.sheet.is_amending;
  }, [unsaved > 0]);

  const { sheet } = model;
  const frozen = !sheet.may_enter || Boolean(sheet.opens) || sheet.state === "approved" || sheet.locked;
  const actions = useRef({
    type: (key, text) => {
      model.type(key, text);
      saver.current.touched([key]);
    },
    enter: setCurrent,
    settle: (key, isMine) => {
      model.settle(key, isMine);
      saver.current.touched([key]);
    },
    paste: (key, block) => {
      const done = model.paste(key, block);
      saver.current.touched([...model.lastPaste.keys()]);
      setPasted(done);
    },
    undo: () => {
      const keys = [...(model.lastPaste?.keys() ?? [])];
      if (!model.undoPaste()) return;
      saver.current.touched(keys);
      setPasted("undone");
    },
  }).current;
  const keepWords = (change) => {
    draft.current = { ...draft.current, ...change };
    keepSheet(who, door(), { words: draft.current }).catch(() => undefined);
  };
  const replace = (fresh, title) => {
    model.typed.clear();
    model.rebase(fresh);
    draft.current = {};
    keepSheet(who, door(), { sheet: fresh, words: {} }).catch(() => undefined);
    setHanding(false);
    setSaid({ kind: "ok", title });
  };

  const [stateWords, stateKind] = sheet.state_words;
  return h("div", { className: "sheet", onKeyDown: (event) => onKeyDown(model, event, actions), onPaste: (event) => onPaste(model, event, actions) },
    h("div", { className: "sheet-head" },
      h("h2", null, sheet.title),
      h("span", { className: `pill ${stateKind}` }, sign({ ok: "check", late: "alert" }[stateKind] ?? "clock"), stateWords),
      h("span", null, sheet.period),
      h("span", { className: "small" }, fill(words.unit_line, { organisation: sheet.organisation, unit: sheet.unit }))),
    sheet.purpose ? h("p", { className: "small" }, sheet.purpose) : null,
    h(Standing, { sheet, words }),
    h("div", { role: "status" }, said ? notice(said.kind, said.title) : null),
    frozen ? null : h("p", { className: "small keys-line" }, words.keys),
    h(Tables, { model, sheet: sheet, words, actions, frozen }),
    h("div", { role: "status" }, h(Pasted, { model, pasted, words, undo: actions.undo })),
    handing && !frozen
      ? h(Handing, { model, words, saver: saver.current, draft: draft.current, keepWords, onDone: (fresh) => replace(fresh, words.sent), onClose: () => setHanding(false) })
      : null,
    sheet.is_amending && !frozen
      ? h(Amending, { model, words, saver: saver.current, draft: draft.current, keepWords, onDone: () => setSaid({ kind: "ok", title: words.amended }) })
      : null,
    h("div", { className: "sheet-bar" },
      h(SavingLine, { model, status, words }),
      h("div", { className: "row" },
        h("button", { type: "button", className: "btn outline small", disabled: !current, onClick: () => setNoting(current) }, words.detail_button),
        !frozen && !sheet.is_amending
          ? h("button", { type: "button", className: "btn primary small", onClick: () => { setSaid(null); setHanding(true); } }, words.submit) : null)),
    noting ? h(CellNotes, { cell: noting, model, words, address: door(), onClose: () => { setNoting(null); goTo(noting); } }) : null);
}

/** Why the report stands where it stands: returned, approved, locked, not open yet, only to be read. */
function Standing({ sheet, words }) {
  const { decision } = sheet;
  if (decision) {
    const title = decision.act === "return" ? words.returned : words.reopened;
    return notice("late", title, h("p", { className: "pre" }, decision.reason), h("small", null, fill(words.returned_by, decision)));
  }
  if (sheet.opens) return notice("wait", fill(words.not_open, { day: sheet.opens }));
  if (sheet.state === "approved") return notice("ok", words.approved);
  if (sheet.locked) return notice("wait", words.locked);
  if (!sheet.may_enter) return notice("go", words.read_only);
  return null;
}

function Pasted({ model, pasted, words, undo }) {
  if (!pasted) return null;
  if (pasted === "undone") return notice("ok", words.undone);
  const name = (key) => model.sheet.cells[key].name;
  const lines = [
    pasted.bad.length ? fill(words.pasted_bad, { n: pasted.bad.length, names: pasted.bad.slice(0, 12).map(name).join("; ") }) : null,
    pasted.computed ? fill(words.pasted_computed, { n: pasted.computed }) : null,
    pasted.outside.length ? fill(words.pasted_outside, { n: pasted.outside.length, values: pasted.outside.slice(0, 20).join("; ") }) : null,
  ].filter(Boolean);
  return notice(lines.length ? "wait" : "ok", fill(words.pasted, { n: pasted.written }),
    lines.map((line) => h("p", { key: line }, line)),
    model.lastPaste ? h("button", { type: "button", className: "btn outline small", onClick: undo }, words.undo) : null);
}

function SavingLine({ model, status, words }) {
  const waiting = model.pending().length;
  const bad = model.faults();
  const parts = [];
  if (status.kind === "ended") {
    parts.push(words.signed_out, " ", h("a", { key: "in", href: `/dang-nhap?tiep=${encodeURIComponent(location.pathname)}` }, words.sign_in));
  } else if (model.sheet.is_amending && waiting) parts.push(fill(words.kept_amend, { n: waiting }));
  else if (status.kind === "offline") parts.push(sign("offline"), " ", fill(words.kept, { n: waiting }));
  else if (status.kind === "kept") parts.push(fill(words.unsaved, { n: waiting }));
  else if (status.kind === "wrong" && status.said) parts.push(status.said);
  else if (status.kind === "saving") parts.push(words.saving);
  else if (status.kind === "no_storage") parts.push(words.no_storage);
  else if (status.kind === "restored") parts.push(fill(words.restored, { n: status.n }));
  else if (status.kind === "saved" && !waiting) parts.push(fill(words.saved, { time: status.time }));
  else if (waiting) parts.push(words.saving);
  const needed = model.required();
  if (needed) parts.push(parts.length ? " · " : "", fill(words.filled, { filled: needed - model.gaps().length, needed }));
  const jump = (key, label) => h("button", { key: label, type: "button", className: "btn quiet small", onClick: () => goTo(key) }, sign("alert"), label);
  return h("p", null,
    h("span", { role: "status" }, ...parts),
    model.conflicts.size ? jump([...model.conflicts.keys()][0], fill(words.conflicts, { n: model.conflicts.size })) : null,
    bad.length ? jump(bad[0], fill(words.bad_cells, { n: bad.length })) : null);
}
