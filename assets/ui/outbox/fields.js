// Reading and writing a form's fields as the page has them: uncontrolled, whoever drew them.
import { fill } from "../common.js";

const SKIPPED = new Set(["file", "submit", "button", "reset", "image", "password"]);

const controls = (form) => [...form.elements].filter((element) => element.name && !element.disabled && !SKIPPED.has(element.type));

/** @returns {Record<string, string[]>} every named field with its values; an unticked box has none */
export function readDraft(form) {
  const fields = {};
  for (const control of controls(form)) {
    const values = (fields[control.name] ??= []);
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.checked) values.push(control.value);
    } else values.push(control.value);
  }
  return fields;
}

/** What is sent: one value as text, several as a list, none left out. */
export function payload(fields) {
  return Object.fromEntries(
    Object.entries(fields).filter(([, values]) => values.length).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}

/** Names of the fields that no longer hold what the page was drawn with. */
export function changed(form) {
  const names = new Set();
  for (const control of controls(form)) {
    if (control.type === "hidden") continue;
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.checked !== control.defaultChecked) names.add(control.name);
    } else if (control.tagName === "SELECT") {
      const drawn = [...control.options].findIndex((option) => option.defaultSelected);
      if (control.selectedIndex !== Math.max(drawn, 0)) names.add(control.name);
    } else if (control.value !== control.defaultValue) names.add(control.name);
  }
  return names;
}

function write(control, value) {
  // The prototype's setter, so that React sees the change and tells whoever listens.
  const prototype = Object.getPrototypeOf(control);
  Object.getOwnPropertyDescriptor(prototype, "value").set.call(control, value);
  control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
}

/** Put a draft back; `except` names what was typed meanwhile and stays. Tells widgets by the event "mts:restore". */
export function writeDraft(form, fields, except = new Set()) {
  const used = {};
  for (const control of controls(form)) {
    const values = fields[control.name];
    if (!values || except.has(control.name)) continue;
    if (control.type === "radio" || control.type === "checkbox") {
      const wanted = values.includes(control.value);
      if (control.checked !== wanted && (wanted || control.type === "checkbox")) control.click();
    } else {
      const value = values[(used[control.name] = (used[control.name] ?? -1) + 1)];
      if (value !== undefined && control.value !== value) write(control, value);
    }
  }
  form.dispatchEvent(new CustomEvent("mts:restore", { detail: fields }));
}

const labelOf = (form, name) => {
  const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  const label = place?.querySelector("legend, label")?.cloneNode(true);
  label?.querySelectorAll(".optional").forEach((part) => part.remove());
  return label?.textContent.trim() || name;
};

/** What can be known to be wrong without the server: empty, too long, of the wrong form. @returns {Record<string, string>} */
export function check(form, words) {
  const errors = {};
  for (const control of form.elements) {
    const name = control.closest?.("[data-field]")?.dataset.field ?? control.name;
    if (!name || errors[name] || control.disabled) continue;
    const { validity } = control;
    const max = Number(control.dataset?.max || 0);
    const label = labelOf(form, name);
    if (validity?.customError) errors[name] = control.validationMessage;
    else if (validity?.valueMissing || (control.required && !control.value.trim())) {
      errors[name] = control.dataset.missing || fill(words.missing, { label });
    } else if (max && control.value.length > max) errors[name] = fill(words.too_long, { label, max, n: control.value.length });
    else if (validity && !validity.valid) errors[name] = fill(words.malformed, { label });
  }
  return errors;
}

/** Write each error below its field, and take away those that are gone. */
export function mark(form, errors, prefix) {
  for (const place of form.querySelectorAll("[data-field]")) {
    const name = place.dataset.field;
    const said = errors[name];
    const line = document.getElementById(`${name}-error`);
    if (line) {
      line.textContent = "";
      if (said) {
        const told = document.createElement("span");
        told.className = "visually-hidden";
        told.textContent = prefix;
        line.append(told, said);
      }
    }
    for (const control of place.querySelectorAll("input:not([type=hidden]), textarea, select")) {
      if (said) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }
}

/** Take the error away from the field that `control` belongs to. */
export function unmark(control) {
  const place = control.closest?.("[data-field]");
  if (!place?.querySelector("[aria-invalid]")) return;
  const line = document.getElementById(`${place.dataset.field}-error`);
  if (line) line.textContent = "";
  for (const marked of place.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
}

/** Focus on the field an error is about. */
export function goTo(form, name) {
  const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  const control = place?.querySelector("input:not([type=hidden]), textarea, select, button") ?? form.elements.namedItem(name);
  control?.focus?.();
  place?.scrollIntoView({ block: "center" });
}
