// Choosing one unit of the country: by typing (combobox, ARIA 1.2), or by province and commune on the platform's own lists.
// Asks over HTTP, not the socket; what was looked up is kept on the device for when there is no network.
import { createElement as h, useEffect, useId, useRef, useState } from "react";
import { fill, keep, recall, sign } from "./common.js";

const PAUSE = 120; // ms of quiet before asking
const LIMIT = 12;
const KEPT = "mts.units";
const KEPT_MOST = 400; // units remembered on the device

/** Letters without marks, for searching what is remembered. */
const fold = (words) => words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();

function remembered() {
  try {
    return JSON.parse(recall(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function remember(units) {
  const codes = new Set(units.map((unit) => unit.code));
  keep(KEPT, JSON.stringify([...units, ...remembered().filter((unit) => !codes.has(unit.code))].slice(0, KEPT_MOST)));
}

function searchRemembered(query, level) {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  return remembered().filter((unit) => {
    const words = fold(`${unit.name} ${unit.parent_name ?? ""}`);
    return (!level || unit.level === level) && wanted.every((word) => words.includes(word));
  }).slice(0, LIMIT);
}

async function ask(parameters, signal) {
  const response = await fetch(`/api/v1/units?${new URLSearchParams(parameters)}`, { signal, headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()).items;
}

const fullName = (unit) => (unit.parent_name ? `${unit.name}, ${unit.parent_name}` : unit.name);

export function UnitPicker({ name, label, hint, level, initialCode, initialPath, initialName, optional, error, explainAt, explainWith, words, onPick }) {
  const id = useId();
  const box = useRef(null);
  const input = useRef(null);
  const list = useRef(null);
  const work = useRef({ timer: 0, abort: null, typed: "", settled: initialName ?? "" }).current;
  const [unit, setUnit] = useState(initialCode ? { code: initialCode, path: initialPath ?? "", name: initialName } : null);
  const [items, setItems] = useState([]);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [word, setWord] = useState(""); // below the field, in place of results
  const [said, setSaid] = useState(""); // for screen readers
  const [provinces, setProvinces] = useState(null);
  const [communes, setCommunes] = useState([]);
  const [reason, setReason] = useState(""); // what the choice means

  // The text field is uncontrolled: what was typed before the page came alive stays.
  const write = (words) => {
    input.current.value = words;
    work.settled = words;
  };
  const judge = (chosen) => {
    const loose = input.current.value.trim() && !chosen;
    input.current.setCustomValidity(loose ? words.unpicked : "");
  };
  const choose = (chosen, tell = true) => {
    setUnit(chosen);
    write(chosen ? fullName(chosen) : "");
    judge(chosen);
    setOpen(false);
    setAt(-1);
    setWord("");
    if (!chosen) return;
    remember([chosen]);
    setSaid(`${words.picked}: ${fullName(chosen)}`);
    if (tell) {
      onPick?.(chosen);
      input.current.dispatchEvent(new Event("change", { bubbles: true })); // the outbox saves its draft
    }
  };

  const look = async (query) => {
    work.abort?.abort();
    const abort = (work.abort = new AbortController());
    setWord(words.loading);
    try {
      const found = await ask({ query, limit: LIMIT, ...(level ? { level } : {}) }, abort.signal);
      if (abort.signal.aborted) return;
      remember(found);
      show(found, found.length ? "" : words.none);
    } catch {
      if (abort.signal.aborted) return;
      const found = searchRemembered(query, level);
      show(found, navigator.onLine === false ? words.offline : found.length ? words.offline : words.failed);
    }
  };
  const show = (found, instead) => {
    setItems(found);
    setAt(found.length === 1 ? 0 : -1);
    setWord(instead);
    setOpen(true);
    setSaid(found.length > 1 ? fill(words.results, { n: found.length }) : found.length ? words.one : instead);
  };
  const typed = () => {
    const query = input.current.value.trim();
    if (unit && query !== work.settled) setUnit(null);
    judge(null);
    clearTimeout(work.timer);
    if (query.length < 2) {
      work.abort?.abort();
      setOpen(false);
      setItems([]);
      return;
    }
    work.timer = setTimeout(look, PAUSE, query);
  };

  const onKey = (event) => {
    if (event.nativeEvent.isComposing) return; // Vietnamese input methods compose syllables
    const last = items.length - 1;
    const moves = { ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last };
    if (event.key === "ArrowDown" && !open && input.current.value.trim().length > 1) look(input.current.value.trim());
    else if (event.key in moves && open && items.length && (at >= 0 || event.key.startsWith("Arrow"))) setAt(moves[event.key]);
    else if (event.key === "Enter" && open && (at >= 0 || items.length)) choose(items[Math.max(at, 0)]);
    else if (event.key === "Escape" && open) setOpen(false);
    else if (event.key === "Escape" && input.current.value) choose(null);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  useEffect(() => {
    const form = input.current.form;
    const onRestore = ({ detail }) => {
      const [code] = detail[name] ?? [];
      const [text] = detail[`${name}_text`] ?? [];
      setUnit(code ? { code, path: detail[`${name}_path`]?.[0] ?? "", name: text } : null);
      write(text ?? "");
      input.current.setCustomValidity(text && !code ? words.unpicked : "");
      setOpen(false);
    };
    form?.addEventListener("mts:restore", onRestore);
    const outside = (event) => box.current?.contains(event.target) || setOpen(false);
    document.addEventListener("pointerdown", outside);
    if (!initialCode && input.current.value.trim()) typed(); // typed before the page came alive
    return () => {
      form?.removeEventListener("mts:restore", onRestore);
      document.removeEventListener("pointerdown", outside);
      clearTimeout(work.timer);
      work.abort?.abort();
    };
  }, []);
  useEffect(() => {
    setReason("");
    if (!explainAt || !unit) return undefined;
    const form = input.current.form;
    const abort = new AbortController();
    const explain = () => {
      const also = explainWith ? new FormData(form).get(explainWith) : null;
      const query = new URLSearchParams({ [name]: unit.code, ...(also ? { [explainWith]: also } : {}) });
      fetch(`${explainAt}?${query}`, { signal: abort.signal, headers: { Accept: "application/json" } })
        .then((response) => (response.ok ? response.json() : {}))
        .then((answer) => abort.signal.aborted || setReason(answer.reason ?? ""), () => undefined);
    };
    const onChange = (event) => event.target.name === explainWith && explain();
    explain();
    form?.addEventListener("change", onChange);
    return () => {
      abort.abort();
      form?.removeEventListener("change", onChange);
    };
  }, [unit?.code]);
  const onFocus = () => {
    // On a phone the keyboard takes half of the screen: give the list the other half.
    if (matchMedia("(max-width: 36rem)").matches) box.current.scrollIntoView({ block: "start", behavior: "smooth" });
  };
  const onBlur = (event) => {
    if (!box.current.contains(event.relatedTarget)) setOpen(false);
  };

  const browse = async (event) => {
    if (!event.currentTarget.open || provinces) return;
    try {
      setProvinces(await ask({ level: "province", limit: 100 }));
    } catch {
      setProvinces(remembered().filter((known) => known.level === "province"));
    }
  };
  const toProvince = async (event) => {
    const province = provinces.find((known) => known.code === event.target.value);
    setCommunes([]);
    if (!province) return;
    if (level === "province") {
      choose(province);
      return;
    }
    try {
      const found = await ask({ level: "commune", parent: province.code, limit: 500 });
      setCommunes(found.map((known) => ({ ...known, parent_name: known.parent_name ?? province.name })));
    } catch {
      setCommunes(remembered().filter((known) => known.parent_name === province.name));
    }
  };
  const toCommune = (event) => {
    const commune = communes.find((known) => known.code === event.target.value);
    if (commune) choose(commune);
  };
  const platformList = (key, label, options, onChange, disabled) =>
    h("div", { className: "field" },
      h("label", { htmlFor: `${id}-${key}` }, label),
      h("select", { id: `${id}-${key}`, className: "input", onChange, disabled, defaultValue: "" },
        h("option", { value: "" }, words.choose),
        options.map((known) => h("option", { key: known.code, value: known.code }, known.name))));

  const option = (known, index) =>
    h("div", {
      key: known.code, id: `${id}-${index}`, role: "option", "aria-selected": index === at ? "true" : "false",
      onPointerDown: (event) => event.preventDefault(), // the focus stays in the field
      onClick: () => choose(known),
    }, known.name, h("small", null, [known.parent_name, known.note].filter(Boolean).join(" · ")));
  const described = `${name}-hint ${name}-error`;
  return h("div", { className: "field", "data-field": name },
    h("label", { htmlFor: name }, label, optional ? h("span", { className: "optional" }, ` (${optional})`) : null),
    h("p", { id: `${name}-hint`, className: "hint" }, hint || words.hint),
    h("div", { ref: box, className: "picker", onBlur },
      h("input", {
        ref: input, id: name, name: `${name}_text`, type: "text", className: "input", role: "combobox", defaultValue: initialName ?? "",
        autoComplete: "off", autoCapitalize: "none", spellCheck: false, enterKeyHint: "search", required: !optional,
        "data-missing": words.missing, "aria-autocomplete": "list", "aria-expanded": open ? "true" : "false", "aria-controls": `${id}-list`,
        "aria-activedescendant": open && at >= 0 ? `${id}-${at}` : undefined, "aria-describedby": described,
        onInput: typed, onKeyDown: onKey, onFocus,
      }),
      unit ? h("button", { type: "button", className: "picker-clear", "aria-label": words.clear, onClick: () => { choose(null); input.current.focus(); } }, sign("cross")) : null,
      h("div", { className: "picker-list", hidden: !open },
        h("div", { ref: list, id: `${id}-list`, role: "listbox", "aria-label": label }, items.map(option)),
        word ? h("p", { className: "picker-word" }, word) : null)),
    h("p", { className: "visually-hidden", role: "status" }, said),
    unit ? h("div", { className: "picked" }, sign("check"),
      h("div", null, h("b", null, unit.parent_name ? `${unit.name}, ${unit.parent_name}` : unit.name), h("p", { role: "status" }, reason))) : null,
    h("p", { id: `${name}-error`, className: "error" }, error || null),
    h("input", { type: "hidden", name, value: unit?.code ?? "" }),
    h("input", { type: "hidden", name: `${name}_path`, value: unit?.path ?? "" }),
    h("details", { className: "more", onToggle: browse },
      h("summary", null, words.browse),
      h("div", { className: "picker-browse" },
        platformList("province", words.province, provinces ?? [], toProvince, !provinces),
        level === "province" ? null : platformList("commune", words.unit, communes, toCommune, !communes.length))));
}
