"""What can be pressed or followed: buttons, links, key hints, pages of a list, tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router import ReactRouterLink

from mattranso_app.ui import text
from mattranso_app.ui.icons import icon
from mattranso_app.ui.values import Flag, Node, Text, when, with_class

Variant = Literal["primary", "outline", "quiet", "danger"]


def kbd(key: str) -> rx.Component:
    """Return a key cap as a hint where the hand is, "Ctrl ↵"."""
    return rx.el.kbd(key)


def button(
    *children: Node,
    variant: Variant = "primary",
    sign: str = "",
    small: bool = False,
    block: bool = False,
    type: Literal["button", "submit", "reset"] = "button",
    busy: Flag | None = None,
    shortcut: str = "",
    **props: Any,
) -> rx.Component:
    """Return a button.

    Args:
        *children: its words; a verb first.
        variant: one `primary` act a screen; `danger` for what cannot be undone.
        sign: name of an icon before the words.
        small: 44 px high instead of 51.
        block: as wide as its place.
        type: `submit` inside a form.
        busy: shows that it works; the button then takes no more presses.
        shortcut: a letter that presses it from the keyboard ("T"); shown as a hint. Needs `shortcuts()` on the page.
        **props: `on_click`, `disabled`, `id`, …
    """
    if busy is not None:
        props |= {"aria_busy": busy, "disabled": props.get("disabled", busy)}
    if shortcut:
        props |= {"data_shortcut": shortcut.lower(), "aria_keyshortcuts": shortcut}
    return rx.el.button(
        *([icon(sign)] if sign else []),
        *children,
        *([rx.el.span(kbd(shortcut), class_name="keys", aria_hidden="true")] if shortcut else []),
        type=type,
        **with_class(props, "btn", variant, small and "small", block and "block"),
    )


def plain_link(*children: Node, href: Text, **props: Any) -> rx.Component:
    """Return a link that the browser itself follows: within the page, to a file, to plain pages.

    `rx.el.a` is no such link: Reflex makes it one of its router's, which would look for a page of the app.
    """
    return A.create(*children, href=href, **props)


def link(*children: Node, href: Text, full_load: bool = False, **props: Any) -> rx.Component:
    """Return a link.

    Args:
        *children: its words.
        href: an address of ours (then the page changes without loading anew) or any other.
        full_load: let the browser load the page: plain pages of `lite`, downloads, sign-in and sign-out.
        **props: `class_name`, `aria_current`, …
    """
    outside = isinstance(href, str) and not href.startswith("/")
    if outside or full_load:
        return plain_link(*children, href=href, **props)
    return ReactRouterLink.create(*children, to=href, **props)


def link_button(
    *children: Node,
    href: Text,
    variant: Variant = "primary",
    sign: str = "",
    small: bool = False,
    block: bool = False,
    full_load: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a link that looks like a button; arguments as `link` and `button`."""
    return link(
        *([icon(sign)] if sign else []),
        *children,
        href=href,
        full_load=full_load,
        **with_class(props, "btn", variant, small and "small", block and "block"),
    )


def actions(*children: Node) -> rx.Component:
    """Return a row of buttons that becomes a column on a phone. The primary act first."""
    return rx.el.div(*children, class_name="actions")


def tabs(items: Sequence[tuple[Text, Text]], current: Text, label: str) -> rx.Component:
    """Return tabs that are plain links, so that each has an address, works without script and can be sent to someone.

    Args:
        items: (words, address) each.
        current: the address of the open one, string or var.
        label: what the tabs choose, for screen readers.
    """
    return rx.el.nav(
        *[link(words, href=href, aria_current=_current(href, current)) for words, href in items],
        class_name="tabs",
        aria_label=label,
    )


def _current(href: Text, current: Text) -> Any:
    if isinstance(href, str) and isinstance(current, str):
        return "page" if href == current else "false"
    return rx.cond(rx.Var.create(current) == href, "page", "false")


def pager(
    previous: Text | None = None,
    next: Text | None = None,
    on_previous: Any = None,
    on_next: Any = None,
    has_previous: Flag = True,
    has_next: Flag = True,
) -> rx.Component:
    """Return the two ways through a list with keyset pages.

    Args:
        previous: address of the page before, if it has one.
        next: address of the page after.
        on_previous: event instead of an address.
        on_next: event instead of an address.
        has_previous: whether there is a page before.
        has_next: whether there is a page after.
    """
    def way(words: Sequence[Node], href: Text | None, event: Any, there: Flag) -> Node:
        if href is not None:
            return when(there, link_button(*words, href=href, variant="outline", small=True))
        if event is not None:
            return when(there, button(*words, on_click=event, variant="outline", small=True))
        return rx.fragment()

    return rx.el.nav(
        way((icon("back"), text.PREVIOUS), previous, on_previous, has_previous),
        way((text.NEXT, icon("chevron")), next, on_next, has_next),
        class_name="pager",
        aria_label=text.PAGES,
    )
