"""Questions and their controls. Fields are uncontrolled: what is typed before the page has come alive stays.

A field needs `name`; its control gets the same `id`, so that a summary of errors can link to it. Values are read from the
form when it is sent (`outbox_form`, or `on_submit` of `rx.el.form`), not on every key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from mattranso_app.ui import text
from mattranso_app.ui.actions import plain_link
from mattranso_app.ui.surfaces import hidden
from mattranso_app.ui.values import Node, Text, classes, is_given, when, with_class

Choice = tuple[str, Text] | tuple[str, Text, Text]
"""(value, words) or (value, words, what it means)."""


def field(
    label: Text,
    control: Callable[[dict[str, Any]], Node],
    name: str,
    hint: Text = "",
    error: Text = "",
    optional: bool = False,
) -> rx.Component:
    """Return a label, a hint, a control and its error, tied together for screen readers.

    Args:
        label: the question.
        control: makes the control from the properties that tie it: `lambda tied: text_input(name, **tied)`.
        name: the field's name in the form; the control's `id`.
        hint: what to write, one sentence.
        error: what is wrong and what to do; empty when all is well. `outbox_form` fills it by itself.
        optional: says so beside the label; what is not optional is required.
    """
    tied: dict[str, Any] = {
        "id": name,
        "aria_describedby": f"{name}-hint {name}-error" if is_given(hint) else f"{name}-error",
    }
    if is_given(error):
        tied["aria_invalid"] = rx.cond(error != "", "true", "false") if isinstance(error, rx.Var) else "true"
    return rx.el.div(
        rx.el.label(label, *_optional(optional), html_for=name),
        *([rx.el.p(hint, id=f"{name}-hint", class_name="hint")] if is_given(hint) else []),
        control(tied),
        _error(name, error),
        class_name="field",
        data_field=name,
    )


def _optional(optional: bool) -> list[Node]:
    return [" ", rx.el.span(f"({text.OPTIONAL})", class_name="optional")] if optional else []


def _error(name: str, error: Text) -> rx.Component:
    return rx.el.p(
        *([when(error != "" if isinstance(error, rx.Var) else True, rx.fragment(hidden(text.ERROR_PREFIX), error))]
          if is_given(error) else []),
        id=f"{name}-error",
        class_name="error",
    )


def text_input(name: str, type: str = "text", **props: Any) -> rx.Component:
    """Return a one-line control. Give `auto_complete`, `input_mode` where they help; `default_value`, not `value`."""
    return rx.el.input(name=name, type=type, **with_class(props, "input"))


def text_area(name: str, rows: int = 6, **props: Any) -> rx.Component:
    """Return a control for several lines that grows with what is written. `default_value`, not `value`."""
    return rx.el.textarea(name=name, rows=str(rows), **with_class(props, "input"))


def select(name: str, choices: Sequence[Choice] | rx.Var, placeholder: str = text.CHOOSE, **props: Any) -> rx.Component:
    """Return the platform's own list.

    Args:
        name: the field's name.
        choices: (value, words) each, or a list var of such pairs.
        placeholder: words of the empty choice; "" leaves it out.
        **props: `default_value`, `on_change`, …
    """
    options: list[Node] = [rx.el.option(placeholder, value="")] if placeholder else []
    if isinstance(choices, rx.Var):
        options.append(rx.foreach(choices, lambda pair: rx.el.option(pair[1], value=pair[0])))
    else:
        options += [rx.el.option(choice[1], value=choice[0]) for choice in choices]
    return rx.el.select(*options, name=name, **with_class(props, "input"))


def text_field(label: Text, name: str, hint: Text = "", error: Text = "", optional: bool = False, **props: Any) -> rx.Component:
    """Return `field` around `text_input`; `props` go to the input."""
    return field(label, lambda tied: text_input(name, required=not optional, **tied, **props), name, hint, error, optional)


def search_field(label: Text, name: str = "q", **props: Any) -> rx.Component:
    """Return the question of a search: never required, with the phone's search key; stands in a form of class `search`."""
    props = {"type": "search", "max_length": 200, "enter_key_hint": "search", **props}
    return field(label, lambda tied: text_input(name, **tied, **props), name)


def area_field(
    label: Text, name: str, hint: Text = "", error: Text = "", optional: bool = False, max_characters: int = 0, **props: Any
) -> rx.Component:
    """Return `field` around `text_area`; `props` go to the control.

    `max_characters` is checked by `outbox_form` before sending; unlike `max_length` it never cuts what was pasted.
    """
    limit: dict[str, Any] = {"data_max": str(max_characters)} if max_characters else {}
    return field(
        label, lambda tied: text_area(name, required=not optional, **limit, **tied, **props), name, hint, error, optional
    )


def select_field(
    label: Text, name: str, choices: Sequence[Choice] | rx.Var, hint: Text = "", error: Text = "", optional: bool = False,
    placeholder: str = text.CHOOSE,
    **props: Any,
) -> rx.Component:
    """Return `field` around `select`; `props` go to the control."""
    return field(
        label, lambda tied: select(name, choices, placeholder, required=not optional, **tied, **props), name, hint, error, optional
    )


def _choice(
    kind: Literal["radio", "checkbox"], name: str, choice: Choice, index: int, checked: bool, props: Mapping[str, Any]
) -> rx.Component:
    value, words, *meaning = choice
    # The first control carries the plain name, so that an error links to it.
    identity = name if index == 0 else f"{name}-{index}"
    described = {"aria_describedby": f"{identity}-note"} if meaning else {}
    return rx.el.div(
        rx.el.input(type=kind, name=name, value=value, id=identity, default_checked=checked, **described, **props),
        rx.el.div(
            rx.el.label(words, html_for=identity),
            *([rx.el.small(meaning[0], id=f"{identity}-note")] if meaning else []),
        ),
        class_name="choice",
    )


def radio_group(
    label: Text, name: str, choices: Sequence[Choice], chosen: str = "", hint: Text = "", error: Text = "",
    optional: bool = False, **props: Any,
) -> rx.Component:
    """Return one question with all its answers in sight, each with what it means.

    Args:
        label: the question.
        name: the field's name.
        choices: the answers.
        chosen: the value chosen at first; none by default (never a consent).
        hint: one sentence below the question.
        error: what is wrong.
        optional: says so beside the question.
        **props: for each input, `on_change`.
    """
    props.setdefault("required", not optional)
    return rx.el.fieldset(
        rx.el.legend(label, *_optional(optional)),
        *([rx.el.p(hint, id=f"{name}-hint", class_name="hint")] if is_given(hint) else []),
        rx.el.div(
            *[_choice("radio", name, choice, index, choice[0] == chosen, props) for index, choice in enumerate(choices)],
            class_name="choices",
        ),
        _error(name, error),
        class_name="field",
        data_field=name,
        role="radiogroup",
        aria_describedby=f"{name}-hint {name}-error" if is_given(hint) else f"{name}-error",
    )


def checkbox(
    words: Text, name: str, value: str = "1", meaning: Text = "", checked: bool = False, bare: bool = False, error: Text = "",
    **props: Any,
) -> rx.Component:
    """Return one yes-or-no question. A consent is never ticked beforehand. `bare` has no frame."""
    choice: Choice = (value, words, meaning) if is_given(meaning) else (value, words)
    made = _choice("checkbox", name, choice, 0, checked, props)
    return rx.el.div(
        rx.el.div(*made.children, class_name=classes("choice", bare and "bare")),
        _error(name, error),
        class_name="field",
        data_field=name,
    )


def error_summary(errors: Sequence[tuple[str, Text]] | rx.Var, title: Text = text.ERRORS_TITLE) -> rx.Component:
    """Return what is wrong, on top of the form, each linked to its field; it takes the focus when it appears.

    Args:
        errors: (name of the field, what is wrong) each, or a list var of such pairs; nothing is shown for none.
        title: its heading.
    """
    def line(name: Any, words: Any) -> rx.Component:
        target = f"#{name}" if isinstance(name, str) else rx.Var.create("#") + name.to(str)
        return rx.el.li(plain_link(words, href=target))

    if isinstance(errors, rx.Var):
        box = _summary_box(title, rx.foreach(errors, lambda pair: line(pair[0], pair[1])))
        return rx.cond(errors.to(list).length() > 0, box, rx.fragment())
    return _summary_box(title, *[line(name, words) for name, words in errors]) if errors else rx.fragment()


def _summary_box(title: Text, *lines: Node) -> rx.Component:
    return rx.el.div(
        rx.el.h2(title), rx.el.ul(*lines), class_name="summary", role="alert", tab_index=-1, auto_focus=True,
    )


def form(*children: Node, **props: Any) -> rx.Component:
    """Return a plain form (for `on_submit`); what must never be lost uses `outbox_form`."""
    return rx.el.form(*children, no_validate=True, **with_class(props, "form"))


class _PlainForm(BaseHTML):
    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]
    enc_type: rx.Var[str]


def plain_form(*children: Node, action: str, method: Literal["get", "post"] = "post", **props: Any) -> rx.Component:
    """Return a form the browser itself sends, with a page load: signing in, searching by address, files.

    Reflex's own form element keeps the browser from sending it unless it has an `on_submit`.
    """
    return _PlainForm.create(*children, action=action, method=method, **with_class(props, "form"))
