"""Wrappers of what an officer's screens need from the browser itself: words that are never lost, files, photos, a live desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from mattranso_app.ui import text
from mattranso_app.ui.values import Flag, Node, Text


def _fields(form: rx.Var[dict[str, Any]]) -> tuple[rx.Var[dict[str, Any]]]:
    return (form,)


class _KeptForm(rx.Component):
    library = "$/public/ui/kept_form.js"
    tag = "KeptForm"
    keep_key: rx.Var[str]
    save_to: rx.Var[str]
    base: rx.Var[dict[str, Any]]
    initial: rx.Var[dict[str, str]]
    saved_words: rx.Var[str]
    masked: rx.Var[list[str]]
    words: rx.Var[dict[str, str]]
    busy: rx.Var[bool]
    on_send: rx.EventHandler[_fields]  # type: ignore[type-arg, valid-type]


class _AttachFiles(rx.Component):
    library = "$/public/ui/attach.js"
    tag = "AttachFiles"
    action: rx.Var[str]
    owner: rx.Var[dict[str, str]]
    accept: rx.Var[str]
    words: rx.Var[dict[str, str]]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


class _SheetImport(rx.Component):
    library = "$/public/ui/sheet_import.js"
    tag = "SheetImport"
    action: rx.Var[str]
    owner: rx.Var[dict[str, str]]
    words: rx.Var[dict[str, str]]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


class _FiguresImport(rx.Component):
    library = "$/public/ui/figures_import.js"
    tag = "FiguresImport"
    action: rx.Var[str]
    owner: rx.Var[dict[str, str]]
    words: rx.Var[dict[str, str]]


class _PhotoViewer(rx.Component):
    library = "$/public/ui/photo_viewer.js"
    tag = "PhotoViewer"
    photos: rx.Var[list[str]]
    words: rx.Var[dict[str, str]]


class _DeskWatch(rx.Component):
    library = "$/public/ui/desk.js"
    tag = "DeskWatch"
    topic: rx.Var[str]
    item: rx.Var[str]
    version: rx.Var[int]
    page: rx.Var[str]
    on_change: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


def kept_form(
    *children: Node,
    id: str,
    keep_key: Text,
    submit: str,
    on_send: Any,
    save_to: str = "",
    base: dict[str, Any] | rx.Var | None = None,
    initial: dict[str, Any] | rx.Var | None = None,
    saved_words: Text = "",
    masked: rx.Var | None = None,
    preview: tuple[str, str, str] | None = None,
    busy: Flag | None = None,
    **props: Any,
) -> rx.Component:
    """Return a form for the socket whose words survive reload, a lost session and a restarted server.

    What is typed is kept on the device at once. With `save_to` it is also posted there as JSON (`base` and the fields) while
    one writes; the answer is `{saved, masked: [words], parts: [[text, kind]]}`, and the device forgets what is confirmed.
    Give the form a `key` that changes with what it is about.

    Args:
        *children: uncontrolled fields. No submit button.
        id: of the form; unique on the page.
        keep_key: names the words on this device; holds who writes and about what.
        submit: words of the button; Ctrl + Enter presses it.
        on_send: event with the fields as a dict.
        save_to: address of the draft.
        base: what goes along with the fields.
        initial: name → value put into the fields when the form appears.
        saved_words: what is said of the draft at first.
        masked: words for what is masked in the draft at first.
        preview: (button, heading, note) of the masked copy; V opens it.
        busy: whether the act is under way.
        **props: `key`, …
    """
    words = {**text.KEPT, "submit": submit, "close": text.CLOSE}
    if preview is not None:
        words |= {"preview": preview[0], "preview_title": preview[1], "preview_note": preview[2]}
    given: dict[str, Any] = {"base": {} if base is None else base, "initial": {} if initial is None else initial}
    if busy is not None:
        given["busy"] = busy
    if masked is not None:
        given["masked"] = masked
    return _KeptForm.create(
        *children, id=id, keep_key=keep_key, save_to=save_to, saved_words=saved_words, words=words, on_send=on_send, **given, **props
    )


def attach_files(id: str, action: str, owner: dict[str, Any], accept: str, hint: str, on_done: Any, choose: str = "") -> rx.Component:
    """Return the choice of files that are sent at once to `action`, one multipart request each (`owner` and `file`).

    Args:
        id: of the control.
        action: address; answers 2xx, or a problem document whose words are shown.
        owner: name → value that goes along.
        accept: what the browser offers.
        hint: which files are taken.
        on_done: event after at least one was taken.
        choose: words of the control.
    """
    words = {**text.ATTACH, "hint": hint, **({"choose": choose} if choose else {})}
    return _AttachFiles.create(id=id, action=action, owner=owner, accept=accept, words=words, on_done=on_done)


def photo_viewer(photos: rx.Var | Sequence[str]) -> rx.Component:
    """Return small pictures that open in place.

    Args:
        photos: ids of stored files.
    """
    return _PhotoViewer.create(photos=photos, words=text.VIEWER)


def desk_watch(topic: Text, item: Text, version: rx.Var, page: Text, on_change: Any) -> rx.Component:
    """Return the (invisible) part that tells of changes of a live topic and leads the focus between list and open item.

    Args:
        topic: the live topic; empty for none.
        item: the open item's id, empty when none is open.
        version: of the open item.
        page: names the page of the list; another one begins at its top.
        on_change: event for each change after the first value.
    """
    return _DeskWatch.create(topic=topic, item=item, version=version, page=page, on_change=on_change)


def sheet_import(id: str, action: str, owner: dict[str, Any], words: dict[str, str], on_done: Any) -> rx.Component:
    """Return the choice of a filled Excel sheet that is checked first and then written.

    Args:
        id: of the control.
        action: takes multipart `owner` and `file`; answers `{rows: [{number, kind, name, fault, known}], faults, new}`, and with
            `ghi=1` writes and answers `{added}`.
        owner: name → value that goes along.
        words: wording, keys as in assets/ui/sheet_import.js.
        on_done: event after writing.
    """
    return _SheetImport.create(id=id, action=action, owner=owner, words=words, on_done=on_done)


def figures_import(id: str, action: str, owner: dict[str, Any], words: dict[str, str]) -> rx.Component:
    """Return the choice of filled Excel templates that are tried first, given back marked, and written when all is right.

    Args:
        id: of the control.
        action: takes multipart `owner`, `file` and `viec`: `kiem-tra` answers `{files: […]}`, `ghi` (with `ly-do`) `{changed}`,
            `danh-dau` a file.
        owner: name → value that goes along.
        words: wording, keys as in assets/ui/figures_import.js.
    """
    return _FiguresImport.create(id=id, action=action, owner=owner, words=words)
