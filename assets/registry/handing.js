// Handing a report up is a person's act: what is wrong is corrected, what is missing or doubted gets its reason. And amending after.
import { createElement as h, useEffect, useRef, useState } from "react";
import { fill, notice } from "../ui/common.js";
import { goTo, useModel } from "./grid.js";
import { ask } from "./saving.js";

const idOf = (name) => `ly-do-${name.replace(/[^a-z0-9_]/g, "-")}`;

export function Handing({ model, words, saver, draft, keepWords, onDone, onClose }) {
  useModel(model, "*");
  const heading = useRef(null);
  const [gaps, setGaps] = useState({ ...model.sheet.gaps, ...draft.gaps });
  const [reasons, setReasons] = useState({ ...model.sheet.explanations, ...draft.reasons });
  const [wrong, setWrong] = useState({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    heading.current.focus();
    heading.current.scrollIntoView({ block: "start" });
  }, []);

  const { cells } = model.sheet;
  const bad = model.faults();
  const empty = model.gaps().filter((key) => !bad.includes(key));
  const hard = model.findings.filter((finding) => finding.severity === "hard");
  const soft = model.findings.filter((finding) => finding.severity === "soft");
  const blocked = bad.length + hard.length + model.conflicts.size > 0;
  const writeGap = (key, text) => {
    const next = { ...gaps, [key]: text };
    setGaps(next);
    keepWords({ gaps: next });
  };
  const writeReason = (name, text) => {
    const next = { ...reasons, [name]: text };
    setReasons(next);
    keepWords({ reasons: next });
  };
  const sameForAll = () => {
    const text = gaps[empty.find((key) => gaps[key]?.trim())] ?? "";
    const next = { ...gaps, ...Object.fromEntries(empty.filter((key) => !gaps[key]?.trim()).map((key) => [key, text])) };
    setGaps(next);
    keepWords({ gaps: next });
  };
  const send = async (event) => {
    event.preventDefault();
    const missing = Object.fromEntries([
      ...empty.filter((key) => !gaps[key]?.trim()).map((key) => [key, words.need_reason]),
      ...soft.filter(({ name }) => !reasons[name]?.trim()).map(({ name }) => [`check:${name}`, words.need_reason]),
    ]);
    setWrong(missing);
    setProblem("");
    const first = Object.keys(missing)[0];
    if (first) {
      document.getElementById(idOf(first))?.focus();
      return;
    }
    setBusy(true);
    const isSaved = await saver.save();
    if (!isSaved || model.pending().length) {
      setBusy(false);
      setProblem(words.submit_offline);
      return;
    }
    const only = (given, names) => Object.fromEntries(names.map((name) => [name, given[name]]));
    const body = { seen: model.sheet.revision, gaps: only(gaps, empty), explanations: only(reasons, soft.map(({ name }) => name)) };
    const answer = await ask(`${saver.address}/gui`, body);
    setBusy(false);
    if (answer.ok) onDone(answer.body);
    else if (answer.status === 0) setProblem(words.submit_offline);
    else {
      setWrong(answer.body.fields ?? {});
      setProblem(answer.body.detail ?? words.failed);
      if (answer.status === 409) saver.refresh();
    }
  };
  const shown = new Set([...empty, ...soft.map(({ name }) => `check:${name}`)]);
  const unseen = Object.keys(wrong).filter((name) => !shown.has(name)).map((name) => wrong[name]); // what only the server knows
  const jump = (key, text) =>
    h("li", { key: `${key} ${text}` }, text, " ", h("button", { type: "button", className: "btn quiet small", onClick: () => goTo(key) }, `${words.go_to}: ${cells[key].name}`));
  const sides = (finding) => (finding.sides ? ` ${fill(words.sides, { a: said(finding.sides[0]), b: said(finding.sides[1]) })}` : "");
  const field = (name, label, value, write) =>
    h("li", { key: name, className: "field" },
      h("label", { htmlFor: idOf(name) }, label),
      h("input", {
        id: idOf(name), className: "input", value: value ?? "", maxLength: 500, onChange: (event) => write(event.target.value),
        "aria-invalid": wrong[name] ? "true" : undefined, "aria-describedby": wrong[name] ? `${idOf(name)}-loi` : undefined,
      }),
      h("p", { id: `${idOf(name)}-loi`, className: "error" }, wrong[name] ?? ""));

  return h("form", { className: "card sheet-hand", noValidate: true, onSubmit: send, "aria-labelledby": "gui-bao-cao" },
    h("h3", { id: "gui-bao-cao", ref: heading, tabIndex: -1 }, words.submit_title),
    model.conflicts.size ? part(fill(words.conflicts, { n: model.conflicts.size }), [...model.conflicts.keys()].map((key) => jump(key, ""))) : null,
    bad.length ? part(words.bad_title, bad.map((key) => jump(key, faultWords(model, key, words)))) : null,
    hard.length ? part(words.hard_title, hard.map((finding) => jump(finding.cells[0] ?? Object.keys(cells)[0], finding.message + sides(finding)))) : null,
    soft.length
      ? part(words.soft_title, soft.map((finding) => field(`check:${finding.name}`, finding.message + sides(finding), reasons[finding.name], (text) => writeReason(finding.name, text))))
      : null,
    empty.length
      ? h("div", null, h("h4", null, fill(words.gaps_title, { n: empty.length })), h("p", { className: "small" }, words.gaps_lead),
        h("ul", null, empty.map((key) => field(key, fill(words.gap_reason, { name: cells[key].name }), gaps[key], (text) => writeGap(key, text)))),
        empty.length > 1 ? h("button", { type: "button", className: "btn quiet small", onClick: sameForAll }, words.gap_all) : null)
      : null,
    !empty.length && !soft.length && !blocked ? h("p", null, words.all_well) : null,
    h("p", { className: "small" }, words.promise),
    h("div", { role: "alert" }, problem ? notice("late", problem, ...unseen.map((words) => h("p", { key: words }, words))) : null),
    h("div", { className: "actions" },
      h("button", { type: "submit", className: "btn primary", disabled: busy || blocked, "aria-busy": busy ? "true" : undefined }, words.confirm),
      h("button", { type: "button", className: "btn quiet", onClick: onClose }, words.close)));
}

const said = (number) => {
  const [whole, fraction] = String(number).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ".") + (fraction ? `,${fraction}` : "");
};

const part = (title, items) => h("div", null, h("h4", null, title), h("ul", null, items));

function faultWords(model, key, words) {
  const { said: told, error, value } = model.fault(key);
  return told ?? fill(words[error], { value });
}

/** What is corrected in a report that has gone up: all of it at once, with its reason. */
export function Amending({ model, words, saver, draft, keepWords, onDone }) {
  useModel(model, "*");
  const [reason, setReason] = useState(draft.reason ?? "");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const waiting = model.pending().length;
  const hard = model.findings.filter((finding) => finding.severity === "hard");
  const save = async (event) => {
    event.preventDefault();
    if (!reason.trim()) {
      setProblem(words.need_reason);
      document.getElementById("ly-do-sua").focus();
      return;
    }
    setProblem("");
    setBusy(true);
    const isSaved = await saver.save(reason);
    setBusy(false);
    if (!isSaved) return setProblem(navigator.onLine === false ? words.submit_offline : words.failed_amend);
    setReason("");
    keepWords({ reason: "" });
    return onDone();
  };
  return h("form", { className: "card sheet-hand", noValidate: true, onSubmit: save, "aria-labelledby": "sua-bao-cao" },
    h("h3", { id: "sua-bao-cao" }, words.amend),
    h("p", { className: "small" }, words.amend_lead),
    hard.length ? part(words.hard_title, hard.map((finding) => h("li", { key: finding.name }, finding.message))) : null,
    h("div", { className: "field" },
      h("label", { htmlFor: "ly-do-sua" }, words.amend_reason),
      h("input", {
        id: "ly-do-sua", className: "input", value: reason, maxLength: 500, "aria-invalid": problem ? "true" : undefined, "aria-describedby": "ly-do-sua-loi",
        onChange: (event) => {
          setReason(event.target.value);
          keepWords({ reason: event.target.value });
        },
      }),
      h("p", { id: "ly-do-sua-loi", className: "error" }, problem)),
    h("div", { className: "actions" },
      h("button", { type: "submit", className: "btn primary", disabled: busy || !waiting || hard.length > 0, "aria-busy": busy ? "true" : undefined }, words.amend_save)));
}
