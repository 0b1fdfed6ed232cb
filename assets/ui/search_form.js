// A search by address: without script a plain GET form; with it the page changes without loading, and only what was filled in
// stands in the address. After "back" the fields show what the address asks for.
import { createElement as h, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { changed, writeDraft } from "./outbox/fields.js";

export function SearchForm({ action, values, children }) {
  const form = useRef(null);
  const known = useRef(false);
  const navigate = useNavigate();
  useEffect(() => {
    if (!values) return; // not known yet what the address asks for
    const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
    // What was typed before the page came alive stays.
    writeDraft(form.current, fields, known.current ? undefined : changed(form.current));
    known.current = true;
  }, [JSON.stringify(values)]);
  const onSubmit = (event) => {
    event.preventDefault();
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form.current)) {
      // A picker's code says it all; its other two fields are for those without script.
      if (typeof value === "string" && value.trim() && !/_(path|text)$/.test(name)) wanted.set(name, value.trim());
    }
    navigate(wanted.size ? `${action}?${wanted}` : action);
  };
  return h("form", { ref: form, action, method: "get", role: "search", className: "form search", onSubmit }, children);
}
