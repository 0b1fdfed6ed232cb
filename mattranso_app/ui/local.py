"""Wrappers of the local React components in assets/ui: what must work in the browser alone, with no socket and no eval.

`library="$/public/…"` names a file of assets/, which the bundler takes in like any module: hashed, shared, loaded with the
pages that use it. The components render on the server too, so their fields can be typed into before the script has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import reflex as rx
from reflex.state import FrontendEventExceptionState
from reflex_components_core.base.error_boundary import on_error_spec

from mattranso_app.ui import text
from mattranso_app.ui.values import Flag, Text, classes


class _Preferences(rx.Component):
    library = "$/public/ui/preferences.js"
    tag = "Preferences"
    words: rx.Var[dict[str, str]]


class _FocusOnNavigation(rx.Component):
    library = "$/public/ui/preferences.js"
    tag = "FocusOnNavigation"


class _FocusHere(rx.Component):
    library = "$/public/ui/preferences.js"
    tag = "FocusHere"
    of: rx.Var[str]


class _DocumentTitle(rx.Component):
    library = "$/public/ui/preferences.js"
    tag = "DocumentTitle"
    title: rx.Var[str]
    brand: rx.Var[str]


class _AccountLink(rx.Component):
    library = "$/public/ui/account.js"
    tag = "AccountLink"
    ways: rx.Var[dict[str, list[str]]]


class _ConnectionWords(rx.Component):
    library = "$/public/ui/preferences.js"
    tag = "ConnectionWords"
    words: rx.Var[dict[str, str]]


class _CrashScreen(rx.Component):
    library = "$/public/ui/crash.js"
    tag = "CrashScreen"
    words: rx.Var[dict[str, str]]
    on_error: rx.EventHandler[on_error_spec]  # type: ignore[type-arg]


class _ServiceWorker(rx.Component):
    library = "$/public/ui/service_worker.js"
    tag = "ServiceWorker"


class _Shortcuts(rx.Component):
    library = "$/public/ui/desk.js"
    tag = "Shortcuts"
    words: rx.Var[dict[str, str]]


class _Dialog(rx.Component):
    library = "$/public/ui/desk.js"
    tag = "Dialog"
    title: rx.Var[str]
    trigger: rx.Var[str]
    trigger_class: rx.Var[str]
    open: rx.Var[bool]
    close_label: rx.Var[str]
    shortcut: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


def _picked(unit: rx.Var[dict[str, Any]]) -> tuple[rx.Var[dict[str, Any]]]:
    return (unit,)


class _UnitPicker(rx.Component):
    library = "$/public/ui/unit_picker.js"
    tag = "UnitPicker"
    name: rx.Var[str]
    label: rx.Var[str]
    hint: rx.Var[str]
    level: rx.Var[str]
    initial_code: rx.Var[str]
    initial_path: rx.Var[str]
    initial_name: rx.Var[str]
    optional: rx.Var[str]
    error: rx.Var[str]
    explain_at: rx.Var[str]
    explain_with: rx.Var[str]
    words: rx.Var[dict[str, str]]
    on_pick: rx.EventHandler[_picked]  # type: ignore[type-arg, valid-type]


class _OutboxForm(rx.Component):
    library = "$/public/ui/outbox/form.js"
    tag = "OutboxForm"
    form_key: rx.Var[str]
    action: rx.Var[str]
    plain_action: rx.Var[str]
    submit: rx.Var[str]
    title_field: rx.Var[str]
    shown: rx.Var[list[list[str]]]
    notes: rx.Var[list[list[str]]]
    open_at: rx.Var[str]
    words: rx.Var[dict[str, str]]
    on_sent: rx.EventHandler[_picked]  # type: ignore[type-arg, valid-type]


class _PhotoField(rx.Component):
    library = "$/public/ui/outbox/photos.js"
    tag = "PhotoField"
    name: rx.Var[str]
    max: rx.Var[int]
    max_mb: rx.Var[int]
    label: rx.Var[str]
    hint: rx.Var[str]
    optional: rx.Var[str]
    words: rx.Var[dict[str, str]]


class _SearchForm(rx.Component):
    library = "$/public/ui/search_form.js"
    tag = "SearchForm"
    action: rx.Var[str]
    values: rx.Var[dict[str, str] | None]


class _ServerView(rx.Component):
    library = "$/public/ui/server_view.js"
    tag = "ServerView"
    source: rx.Var[str]
    words: rx.Var[dict[str, str]]


class _SentItems(rx.Component):
    library = "$/public/ui/outbox/sent.js"
    tag = "SentItems"
    form_key: rx.Var[str]
    shown: rx.Var[list[list[str]]]
    open_at: rx.Var[str]
    follow_action: rx.Var[str]
    receipt_name: rx.Var[str]
    without: rx.Var[list[str]]
    words: rx.Var[dict[str, str]]
    on_open: rx.EventHandler[_picked]  # type: ignore[type-arg, valid-type]


def preferences() -> rx.Component:
    """Return the switches for light, dark, as the device, and large text; kept on the device, applied before the first paint."""
    return _Preferences.create(words=text.PREFERENCES)


def focus_on_navigation() -> rx.Component:
    """Return the (invisible) part that moves the focus to the new `h1` after a change of page. `page` has it already."""
    return _FocusOnNavigation.create()


def focus_here(of: Text = "") -> rx.Component:
    """Return the (invisible) part that moves the focus to its nearest ancestor with `tab_index` when it appears.

    Args:
        of: what is shown; the focus moves again when it becomes another.
    """
    return _FocusHere.create(of=of)


def document_title(title: Text) -> rx.Component:
    """Return the (invisible) part that keeps the document's title that of a heading which comes with data. `page` has it."""
    return _DocumentTitle.create(title=title, brand=text.BRAND)


def account_link() -> rx.Component:
    """Return the way to sign in or, for who is signed in, to the account or the desk. `page` has it already."""
    return _AccountLink.create(ways={kind: list(way) for kind, way in text.ACCOUNT_WAYS.items()})


def connection_words() -> rx.Component:
    """Return the line shown while there is no network or no socket. `page` has it already."""
    return _ConnectionWords.create(words=text.CONNECTION)


def crash_screen() -> rx.Component:
    """Return what catches a page that cannot be drawn. It reports to Reflex's own handler of front-end exceptions."""
    return _CrashScreen.create(words=text.CRASH, on_error=FrontendEventExceptionState.handle_frontend_exception)


def service_worker() -> rx.Component:
    """Return the (invisible) part that registers /sw.js and sends what waits. `page` has it already."""
    return _ServiceWorker.create()


def shortcuts() -> rx.Component:
    """Return the desk's keys: J and K over `pick`s, letters of `button(shortcut=…)`, `?` for the list; they can be turned off."""
    return _Shortcuts.create(words=text.SHORTCUTS)


def dialog(
    title: Text,
    *children: rx.Component | rx.Var | str,
    id: str,
    trigger: Text = "",
    variant: Literal["primary", "outline", "quiet", "danger"] = "outline",
    small: bool = False,
    open: Flag | None = None,
    on_close: Any = None,
    shortcut: str = "",
) -> rx.Component:
    """Return a modal dialog on the native element; Esc closes it and the focus returns to where it was.

    One with `trigger` also closes when a form inside it is sent; what was typed in it stays.

    Args:
        title: its heading.
        *children: its content, with `actions(…)` last.
        id: unique on the page.
        trigger: words of the button that opens it (then nothing else is needed), or
        variant: the look of that button,
        small: 44 px high;
        open: a var that says whether it is open,
        on_close: and the event that sets it back.
        shortcut: a letter that presses the trigger.
    """
    props: dict[str, Any] = {"title": title, "id": id, "close_label": text.CLOSE}
    if shortcut:
        props["shortcut"] = shortcut
    if isinstance(trigger, rx.Var) or trigger:
        props |= {"trigger": trigger, "trigger_class": classes("btn", variant, small and "small")}
    if open is not None:
        props["open"] = open
    if on_close is not None:
        props["on_close"] = on_close
    return _Dialog.create(*children, **props)


def unit_picker(
    label: Text,
    name: str = "unit",
    level: Literal["", "province", "commune"] = "commune",
    initial_code: Text = "",
    initial_path: Text = "",
    initial_name: Text = "",
    hint: Text = "",
    error: Text = "",
    optional: bool = False,
    explain_at: str = "",
    explain_with: str = "",
    on_pick: Any = None,
) -> rx.Component:
    """Return the choice of one unit of the country, by typing or by province and commune.

    Posts three fields: `{name}` (the unit's code), `{name}_path` (its path), `{name}_text` (what stands in the field; all
    there is when the form is sent without script).

    Args:
        label: the question.
        name: the fields' name.
        level: which units may be chosen; "" for any.
        initial_code: code of the unit chosen at first.
        initial_path: its path.
        initial_name: its name, as shown.
        hint: instead of the default one.
        error: what is wrong.
        optional: may stay empty.
        explain_at: address that is asked `?{name}={code}` for `{"reason": …}`: what the choice means, shown below it.
        explain_with: another field of the form that goes along; its change asks again.
        on_pick: event with the unit as a dict: code, name, kind, level, path, parent_name, note.
    """
    events = {} if on_pick is None else {"on_pick": on_pick}
    return _UnitPicker.create(
        name=name, label=label, level=level, initial_code=initial_code, initial_path=initial_path, initial_name=initial_name,
        hint=hint, error=error, optional=text.OPTIONAL if optional else "", explain_at=explain_at, explain_with=explain_with,
        words=text.UNIT_PICKER, **events,
    )


def outbox_form(
    *children: rx.Component | rx.Var | str,
    form_key: str,
    action: str,
    plain_action: str,
    submit: str,
    title_field: str = "body",
    shown: Sequence[tuple[str, str]] = text.SENT_FIELDS,
    notes: Sequence[tuple[str, str]] = text.SENT_NOTES,
    open_at: str = "",
    words: dict[str, str] | None = None,
    on_sent: Any = None,
) -> rx.Component:
    """Return a form that loses nothing: draft through reload and closed browser, sent once, when the network is back.

    It sends ONE `multipart/form-data` POST to `action`: a text part `payload` with the fields as JSON (one value a string,
    several a list) and up to five `photo` file parts, with the header `Idempotency-Key` (32 hex digits, made on the device
    once per draft). It expects JSON: 2xx the answer; 4xx a problem document with `detail` and `fields`; 408, 425, 429
    (`Retry-After` respected), 5xx, no JSON or no network → tried again by itself.

    Args:
        *children: uncontrolled fields (`text_field`, `radio_group`, `unit_picker`, `photo_field`, …). No submit button.
        form_key: names the draft on the device; unique per form.
        action: address for the script.
        plain_action: address that takes the plain form (and answers with a page) where no script runs yet.
        submit: words of the button.
        title_field: the field whose beginning names it in `sent_items`.
        shown: (key of the answer, label) each, shown to be copied down after sending.
        notes: (key of the answer, label) each, shown after sending and written into the saved file.
        open_at: where "Xem phản ánh" leads, "/phan-anh/{number}" with keys of the answer; "" for none.
        words: replaces single wordings of `text.OUTBOX`.
        on_sent: event with the answer, once; also when the service worker had sent it while the page was closed.
    """
    events = {} if on_sent is None else {"on_sent": on_sent}
    return _OutboxForm.create(
        *children, form_key=form_key, action=action, plain_action=plain_action, submit=submit, title_field=title_field,
        shown=[list(pair) for pair in shown], notes=[list(pair) for pair in notes], open_at=open_at,
        words={**text.OUTBOX, **(words or {})}, **events,
    )


def search_form(*children: rx.Component | rx.Var | str, action: str, values: rx.Var[dict[str, str]]) -> rx.Component:
    """Return a search by address: a plain GET form that, with script, changes the page without loading it anew.

    Args:
        *children: uncontrolled fields, first of them a `search_field` and the button beside it.
        action: the page's address.
        values: what the address asks for, by the fields' names; a dict var that is empty until it is known.
    """
    known = rx.cond(values.to(dict[str, str]).length() > 0, values, None)
    return _SearchForm.create(*children, action=action, values=known)


def server_view(source: str, words: dict[str, str]) -> rx.Component:
    """Return a part of the page that the server draws as HTML for the query of the page's address: tables of many cells, charts.

    Its links and GET forms to the page itself change the address without loading it; elements with `data-live` name live
    topics whose changes have it drawn anew.

    Args:
        source: address of the route that draws it; escaping is that route's part.
        words: `loading`, `failed`, `again`, `signIn`, `fresh`.
    """
    return _ServerView.create(source=source, words=words)


def photo_field(
    name: str = "photo",
    label: str = text.PHOTOS["label"],
    most: int = 5,
    most_mb: int = 20,
    hint: str = "",
    optional: bool = True,
) -> rx.Component:
    """Return the choice of photos inside an `outbox_form`: previews, removal, made smaller on the device (≤ 2048 px JPEG)."""
    return _PhotoField.create(
        name=name, label=label, max=most, max_mb=most_mb, hint=hint or text.PHOTOS["hint"].replace("{max}", str(most)),
        optional=text.OPTIONAL if optional else "", words=text.PHOTOS,
    )


def sent_items(
    *empty: rx.Component | rx.Var | str,
    form_key: str = "",
    shown: Sequence[tuple[str, str]] = text.SENT_FIELDS,
    open_at: str = "",
    follow_action: str = "",
    receipt_name: str = "receipt",
    on_open: Any = None,
    open_label: str = text.SENT_ITEMS["open"],
    without: Any = (),
) -> rx.Component:
    """Return what was sent from this device, with numbers and receipts, newest first; each can be removed.

    Args:
        *empty: shown instead when there is nothing.
        form_key: only of that form; "" for all.
        shown: (key of the answer, label) each.
        open_at: address of the public page, or
        follow_action: address that takes the receipt in a form's body, or
        receipt_name: the answer's key, and field's name, of the receipt;
        on_open: event with the kept answer.
        open_label: what the button says.
        without: values of the first of `shown` that are left out (a list or a list var).
    """
    events = {} if on_open is None else {"on_open": on_open}
    return _SentItems.create(
        *empty, form_key=form_key, shown=[list(pair) for pair in shown], open_at=open_at, follow_action=follow_action,
        receipt_name=receipt_name, without=without if isinstance(without, rx.Var) else list(without),
        words={**text.SENT_ITEMS, "open": open_label}, **events,
    )
