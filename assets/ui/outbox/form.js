// A form that loses nothing: drafts survive reload and a closed browser, a submission is kept before it is sent, and sent once.
import { createElement as h, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { keep } from "../common.js";
import { FormContext } from "./context.js";
import { changed, check, mark, payload, readDraft, unmark, writeDraft } from "./fields.js";
import { askForSync, run, start } from "./runner.js";
import { attempt, enqueue, newKey, pause, publish, subscribe, takeBack } from "./sender.js";
import { all, get, put, remove } from "./store.js";
import { DraftLine, ErrorSummary, SentPanel, WaitingPanel } from "./panels.js";

const SAVE_AFTER = 500; // ms of quiet

export function OutboxForm({ formKey, action, plainAction, submit, titleField, shown, notes, openAt, words, onSent, children }) {
  const form = useRef(null);
  const place = useRef(null); // of the panels, for the focus
  const photos = useRef(null);
  const self = useRef({ key: null, dirty: false, timer: 0, storage: true, alive: true, empty: false }).current;
  const [phase, setPhase] = useState("edit"); // edit | sending | waiting | sent
  const [line, setLine] = useState(null); // what is said about the draft
  const [errors, setErrors] = useState(null); // {title, fields: {name: words}}
  const [waiting, setWaiting] = useState(null);
  const [response, setResponse] = useState(null);
  self.onSent = onSent;

  const draftNow = () => ({
    // The key goes with the draft: two tabs that show the same draft send the same petition.
    form: formKey, key: (self.key ??= newKey()), fields: readDraft(form.current), photos: photos.current?.get() ?? [], saved_at: Date.now(),
  });
  const typing = (yes) => {
    self.dirty = yes;
    document.documentElement.dataset.typing = yes;
  };
  const save = useCallback(async () => {
    clearTimeout(self.timer);
    if (!self.dirty || !form.current || !self.storage) return;
    const draft = draftNow();
    typing(false);
    try {
      await put("drafts", draft);
      if (self.alive) setLine({ said: "saved", time: draft.saved_at });
    } catch {
      try {
        await put("drafts", { ...draft, photos: [] });
        if (self.alive) setLine({ said: "no_photos_saved" });
      } catch {
        self.storage = false;
        if (self.alive) setLine({ said: "no_storage" });
      }
    }
  }, []);
  const touched = useCallback(() => {
    typing(true);
    clearTimeout(self.timer);
    self.timer = setTimeout(save, SAVE_AFTER);
  }, []);

  const fail = (title, fields) => {
    setErrors({ title, fields });
    setPhase("edit");
    if (form.current) mark(form.current, fields, words.error_prefix);
  };
  const refuse = (problem) => fail(problem?.detail || words.unknown, problem?.fields ?? {});
  const fillAgain = async () => {
    // The page was opened while the submission waited, so its fields were never filled in here.
    const draft = self.empty ? await get("drafts", formKey) : null;
    self.empty = false;
    if (draft) restore(draft);
    return Boolean(draft?.problem);
  };
  const succeed = (answer) => {
    setResponse(answer);
    setErrors(null);
    setPhase("sent");
    self.onSent?.(answer);
  };

  const restore = (draft, except) => {
    self.key = draft.key ?? null;
    self.restoring = true;
    writeDraft(form.current, draft.fields, except);
    self.restoring = false;
    if (!except?.size || !photos.current?.get().length) photos.current?.set(draft.photos ?? []);
    clearTimeout(self.timer);
    typing(Boolean(except?.size));
    if (draft.problem) refuse(draft.problem);
  };

  useEffect(() => {
    self.alive = true;
    const turn = (self.turn = {});
    const element = form.current;
    element.noValidate = true; // from here on we say what is wrong; before, the browser does
    const early = changed(element);
    const onInput = (event) => {
      if (self.restoring) return;
      touched();
      unmark(event.target); // what is being mended is no longer called wrong
    };
    const onHide = () => save();
    const onVisibility = () => document.visibilityState === "hidden" && save();
    element.addEventListener("input", onInput);
    element.addEventListener("change", onInput);
    addEventListener("pagehide", onHide);
    document.addEventListener("visibilitychange", onVisibility);
    const stop = subscribe((message) => hear(message));

    const begin = async () => {
      try {
        const mine = (item) => item.form === formKey;
        const queued = (await all("queue")).find(mine);
        const news = (await all("sent")).find((record) => mine(record) && !record.seen);
        const draft = await get("drafts", formKey);
        const other = await get("drafts", `${formKey}#other`);
        if (!self.alive || self.turn !== turn) return;
        if (queued) {
          self.empty = true;
          self.key = queued.key;
          setWaiting(queued);
          setPhase("waiting");
        } else if (news) {
          await put("sent", { ...news, seen: true });
          succeed(news.response);
        } else if (draft && early.size) {
          // Typed before we came: that stays, the rest comes back, and the old draft is not overwritten.
          const clash = [...early].some((name) => (draft.fields[name] ?? []).some(Boolean));
          if (clash) await put("drafts", { ...draft, form: `${formKey}#other` });
          restore({ ...draft, key: clash ? null : draft.key }, early);
          setLine(clash ? { said: "other", time: draft.saved_at } : { said: "restored", time: draft.saved_at });
          touched();
        } else if (draft) {
          restore(draft);
          setLine({ said: "restored", time: draft.saved_at });
        } else if (other) setLine({ said: "other", time: other.saved_at });
        if (!draft && early.size) touched();
        start();
      } catch {
        self.storage = false;
        if (self.alive) setLine({ said: "no_storage" });
      }
    };
    begin();
    return () => {
      save();
      self.alive = false;
      stop();
      element.removeEventListener("input", onInput);
      element.removeEventListener("change", onInput);
      removeEventListener("pagehide", onHide);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, [formKey]);

  const hear = (message) => {
    if (!self.alive || message.form !== formKey || message.key !== self.key) return;
    if (message.type === "sent") {
      get("sent", message.key).then((record) => record && put("sent", { ...record, seen: true })).catch(() => undefined);
      succeed(message.response);
    } else if (message.type === "refused") fillAgain().then((told) => told || refuse(message.problem));
    else if (message.type === "waiting") {
      setWaiting(message);
      setPhase("waiting");
    } else if (message.type === "queued" || message.type === "sending") {
      setPhase((now) => (now === "edit" ? "sending" : now));
      setWaiting((now) => now && { ...now, busy: message.type === "sending" });
    }
  };

  useEffect(() => {
    if (errors || phase === "sent" || phase === "waiting") place.current?.querySelector("[tabindex='-1']")?.focus();
  }, [errors, phase]);

  const sendWithoutStore = async (item, tries = 0) => {
    const outcome = await attempt(item);
    if (!self.alive) return;
    if (outcome.kind === "sent") publish({ type: "sent", key: item.key, form: formKey, response: outcome.response });
    else if (outcome.kind === "refused") publish({ type: "refused", key: item.key, form: formKey, problem: outcome.problem });
    else {
      const rest = pause(tries, outcome.after);
      setWaiting({ attempts: 1, offline: outcome.offline, next_at: Date.now() + rest, unkept: true });
      setPhase("waiting");
      clearTimeout(self.timer);
      self.again = () => sendWithoutStore(item, tries + 1);
      self.timer = setTimeout(self.again, rest);
    }
  };
  const onSubmit = async (event) => {
    event.preventDefault();
    if (phase !== "edit") return;
    const found = check(form.current, words);
    if (Object.keys(found).length) {
      fail(words.errors, found);
      return;
    }
    setErrors(null);
    mark(form.current, {}, "");
    setPhase("sending");
    clearTimeout(self.timer);
    const draft = draftNow(); // its key is made once; every later try carries the same
    const item = {
      key: self.key, form: formKey, action, fields: payload(draft.fields), photos: draft.photos, created: Date.now(),
      title: (draft.fields[titleField]?.[0] ?? "").slice(0, 120), draft: draft.fields,
    };
    try {
      await enqueue(item);
      typing(false);
      keep("mts.waiting", "1");
      askForSync();
      run("all");
    } catch {
      self.storage = false;
      setLine({ said: "no_storage" });
      sendWithoutStore(item);
    }
  };

  const sendNow = () => {
    if (waiting?.unkept) {
      clearTimeout(self.timer);
      self.again();
    } else run("all");
  };
  const edit = async () => {
    const draft = await takeBack(self.key);
    if (!draft) return; // it is on its way already; what becomes of it is told in a moment
    self.empty = false;
    restore(draft);
    setPhase("edit");
  };
  const blank = () => {
    form.current.reset();
    form.current.dispatchEvent(new CustomEvent("mts:restore", { detail: {} }));
    photos.current?.set([]);
    mark(form.current, {}, "");
    clearTimeout(self.timer);
    typing(false);
    self.key = null;
    setErrors(null);
    setResponse(null);
    setPhase("edit");
  };
  const discard = async () => {
    blank();
    setLine({ said: "discarded" });
    await remove("drafts", formKey).catch(() => undefined);
  };
  const takeOther = async () => {
    const other = await get("drafts", `${formKey}#other`);
    if (!other) return;
    const present = draftNow();
    blank();
    restore({ ...other, form: formKey });
    await put("drafts", { ...present, form: `${formKey}#other` });
    await put("drafts", { ...other, form: formKey });
    setLine({ said: "restored", time: other.saved_at });
  };

  const context = useMemo(() => ({
    registerPhotos: (handle) => (photos.current = handle),
    photosChanged: touched,
  }), []);
  const editing = phase === "edit" || phase === "sending";
  return h(FormContext, { value: context },
    h("div", { ref: place },
      phase === "waiting" ? h(WaitingPanel, { words, waiting, onSendNow: sendNow, onEdit: waiting?.attempts === 0 ? edit : null }) : null,
      phase === "sent" ? h(SentPanel, { words, response, shown, notes, openAt, kept: self.storage, onAnother: () => { blank(); setLine(null); } }) : null,
      errors ? h(ErrorSummary, { words, errors, form }) : null),
    h("form", {
      ref: form, className: "form", method: "post", action: plainAction, encType: "multipart/form-data", hidden: !editing, onSubmit,
    },
      children,
      h("div", { className: "actions" },
        h("button", { type: "submit", className: "btn primary block", "aria-busy": phase === "sending" ? "true" : "false" }, phase === "sending" ? words.sending : submit)),
      h(DraftLine, { words, line, onDiscard: discard, onOther: takeOther })));
}
