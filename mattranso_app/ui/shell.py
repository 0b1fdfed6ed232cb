"""The frame every page stands in, the officer's three panes, and what the app puts into each page's head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mattranso_app.ui import text
from mattranso_app.ui.actions import button, kbd, link, plain_link
from mattranso_app.ui.icons import icon, star_mark
from mattranso_app.ui.local import (
    account_link,
    connection_words,
    crash_screen,
    document_title,
    focus_on_navigation,
    preferences,
    service_worker,
    shortcuts,
)
from mattranso_app.ui.surfaces import hidden
from mattranso_app.ui.values import Flag, Node, Text, classes, is_given, when

STYLESHEETS = ["/ui/tokens.css", "/ui/base.css", "/ui/shell.css", "/ui/parts.css", "/ui/forms.css", "/ui/desk.css"]
"""For `rx.App(stylesheets=…, reset_style=False)`: base.css resets what it needs."""

MAIN = "noi-dung"
"""The `id` of each page's main part, target of the skip link."""

# Some in-app browsers and private windows throw at the mere mention of storage, which Reflex does not expect: they get one that
# lasts as long as the page. First of all scripts; the same on every page, so that its hash can be in the security policy.
_STORAGE = (
    'for(const n of["localStorage","sessionStorage"])try{window[n].getItem("")}catch(e){const m=new Map;'
    "Object.defineProperty(window,n,{configurable:true,value:{getItem:k=>m.has(k)?m.get(k):null,setItem:(k,v)=>{m.set(k,String(v))},"
    "removeItem:k=>{m.delete(k)},clear:()=>m.clear(),key:i=>[...m.keys()][i]??null,get length(){return m.size}}})}"
)
# Before the first paint.
_LARGE_TEXT = 'try{localStorage.getItem("mts.large-text")==="1"&&document.documentElement.classList.add("large-text")}catch(e){}'


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link of a navigation.

    Attributes:
        words: what it says.
        href: where it leads.
        current: whether this is the open page.
        count: a figure beside it.
        late: the figure is a bad one (said by an icon too).
    """

    words: Text
    href: Text
    current: Flag = False
    count: Text | int | None = None
    late: Flag = False


_account: list[Callable[[], rx.Component]] = []


def register_account_slot(make: Callable[[], rx.Component]) -> None:
    """Let the identity room draw the right end of the top bar (sign in, or who is signed in)."""
    _account[:] = [make]


def head_components() -> list[rx.Component]:
    """Return what every page's head carries: `rx.App(head_components=ui.head_components())`."""
    fonts = ("latin-400", "vietnamese-400", "latin-600", "vietnamese-600")
    return [
        rx.el.script(_STORAGE),
        rx.el.script(_LARGE_TEXT),
        *[
            rx.el.link(
                rel="preload", href=f"/fonts/be-vietnam-pro-{name}.woff2", type="font/woff2",
                custom_attrs={"as": "font", "crossOrigin": "anonymous"},
            )
            for name in fonts
        ],
        rx.el.link(rel="manifest", href="/manifest.webmanifest"),
        rx.el.link(rel="icon", href="/icons/mark.svg", type="image/svg+xml"),
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(rel="apple-touch-icon", href="/icons/mark-180.png"),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.meta(name="theme-color", content="#ffffff", custom_attrs={"media": "(prefers-color-scheme: light)"}),
        rx.el.meta(name="theme-color", content="#211c1f", custom_attrs={"media": "(prefers-color-scheme: dark)"}),
    ]


def error_boundary(stateful: bool = True) -> rx.Component | None:
    """Return what wraps every page: `rx.App(app_wraps={(55, "ErrorBoundary"): ui.error_boundary})`.

    It stands in place of Reflex's, which shows a stack trace, and of its overlays: `page` says when the connection is gone.
    """
    return crash_screen() if stateful else None


def brand(note: Text = text.BRAND_NOTE) -> rx.Component:
    """Return the mark and the name, linking home."""
    return link(
        star_mark(), rx.el.span(rx.el.b(text.BRAND), rx.el.small(note)), href="/", class_name="brand",
    )


def navigation(
    items: Sequence[NavItem] | rx.Var, label: str = text.NAVIGATION, make: Callable[[Any], NavItem] | None = None
) -> rx.Component:
    """Return a navigation; for a list var `make` turns one of its items into a `NavItem` of vars."""
    if isinstance(items, rx.Var):
        assert make is not None, "a var needs `make`"
        return rx.el.nav(rx.foreach(items, lambda item: _nav_link(make(item))), class_name="nav", aria_label=label)
    return rx.el.nav(*[_nav_link(item) for item in items], class_name="nav", aria_label=label)


def _nav_link(item: NavItem) -> rx.Component:
    current = item.current
    mark = rx.cond(current, "page", "false") if isinstance(current, rx.Var) else ("page" if current else "false")
    count: list[Node] = []
    if item.count is not None:
        figure = str(item.count) if isinstance(item.count, int) else item.count
        if isinstance(item.late, rx.Var):
            count.append(rx.el.span(when(item.late, icon("alert")), figure, class_name=rx.cond(item.late, "count late", "count")))
        else:
            sign = [icon("alert")] if item.late else []
            count.append(rx.el.span(*sign, figure, class_name=classes("count", item.late and "late")))
    return link(rx.el.span(item.words), *count, href=item.href, aria_current=mark)


def _account_slot(account: Node | None) -> Node:
    if account is not None:
        return account
    if _account:
        return _account[0]()
    return account_link()


def page(
    title: Text,
    *children: Node,
    description: Text = "",
    wide: bool = False,
    nav: Sequence[NavItem] = (),
    back: tuple[str, Text] | None = None,
    above: Node | None = None,
    account: Node | None = None,
    footer_links: Sequence[tuple[str, str]] = (),
) -> rx.Component:
    """Return a whole page: skip link, top bar, main with its one `h1`, footer.

    Args:
        title: the `h1`. The document's title (given to `app.add_page`) starts with it.
        *children: the content.
        description: one or two sentences under the title.
        wide: up to 74 rem instead of one column of 46 rem.
        nav: links in the top bar.
        back: (address, words) instead of the brand, on the page of one item.
        above: something small above the title, a pill.
        account: the right end of the top bar, instead of the registered one.
        footer_links: (words, address) more links in the footer.
    """
    left = brand() if back is None else link(
        icon("back"), rx.el.span(hidden(f"{text.BACK}: "), back[1]), href=back[0], class_name="back",
    )
    return rx.el.div(
        plain_link(text.SKIP, href=f"#{MAIN}", class_name="skip"),
        connection_words(),
        rx.el.header(
            rx.el.div(
                left, *([navigation(nav)] if nav else []), _account_slot(account), class_name="inner",
            ),
            class_name="top",
        ),
        rx.el.main(
            rx.el.div(
                rx.el.div(
                    *([rx.el.div(above)] if above is not None else []),
                    rx.el.h1(title, tab_index=-1),
                    *([rx.el.p(description, class_name="lead")] if is_given(description) else []),
                    class_name="head",
                ),
                rx.el.div(*children, class_name="body"),
                class_name="inner",
            ),
            id=MAIN,
            tab_index=-1,
            class_name="main",
        ),
        footer(footer_links),
        *([document_title(title)] if isinstance(title, rx.Var) else []),
        focus_on_navigation(),
        service_worker(),
        class_name=classes("shell", wide and "wide"),
    )


def footer(links: Sequence[tuple[str, str]] = ()) -> rx.Component:
    """Return the footer: the plain version, the caller's links, and how the page looks."""
    return rx.el.footer(
        rx.el.div(
            rx.el.nav(
                link(text.LITE, href="/toi-gian", full_load=True),
                *[link(words, href=href) for words, href in links],
                class_name="footer-links",
                aria_label=text.FOOTER_LINKS,
            ),
            preferences(),
            rx.el.p(text.FOOTER_NOTE, class_name="small"),
            class_name="inner",
        ),
        class_name="footer",
    )


def desk_layout(
    title: Text,
    nav: Node,
    items: Node,
    detail: Node,
    showing_detail: Flag = False,
    note: Text = text.BRAND_NOTE,
    hints: Node | None = None,
    account: Node | None = None,
    on_back: Any = None,
    back: Text | None = None,
) -> rx.Component:
    """Return the officer's desk: what to look at · which one · the one. On a phone the list, or the one.

    Args:
        title: the `h1`, over the list.
        nav: the queues, a `navigation(…)`.
        items: the list; draw each with `pick`.
        detail: the open item, or an `empty_state`.
        showing_detail: whether an item is open (decides what a phone shows).
        note: the unit, under the brand.
        hints: key hints over the list; J and K by default.
        account: the foot of the side column.
        on_back: event that closes the open item, for the phone's way back.
        back: address without the open item instead; Escape goes there too.
    """
    hint = hints if hints is not None else rx.el.span(kbd("J"), " ", kbd("K"), class_name="small keys")
    way_back: list[Node] = []
    if on_back is not None:
        button_back = button(text.BACK_TO_LIST, on_click=on_back, variant="quiet", sign="back", small=True, class_name="desk-back")
        way_back.append(when(showing_detail, button_back))
    if back is not None:
        way_back.append(when(showing_detail, link(
            icon("back"), text.BACK_TO_LIST, rx.el.span(kbd("Esc"), class_name="keys", aria_hidden="true"), href=back,
            class_name="btn quiet small desk-close", data_shortcut="escape", aria_keyshortcuts="Escape",
        )))
    if isinstance(showing_detail, rx.Var):
        showing: Any = rx.cond(showing_detail, "true", "false")
    else:
        showing = "true" if showing_detail else "false"
    return rx.el.div(
        plain_link(text.SKIP, href=f"#{MAIN}", class_name="skip"),
        rx.el.aside(
            connection_words(), brand(note), nav,
            rx.el.div(shortcuts(), preferences(), *([account] if account is not None else []), class_name="desk-foot"),
            class_name="desk-side", aria_label=text.DESK_SIDE,
        ),
        rx.el.section(
            rx.el.div(rx.el.h1(title, tab_index=-1), hint, class_name="desk-list-head"), items, class_name="desk-list",
            aria_label=title,
        ),
        rx.el.main(
            *way_back,
            detail,
            id=MAIN, tab_index=-1, class_name="desk-detail",
        ),
        focus_on_navigation(),
        class_name="desk",
        data_detail=showing,
    )


def pick(*children: Node, current: Flag = False, href: Text | None = None, id: Text = "", **props: Any) -> rx.Component:
    """Return one item of the desk's list; J and K move over them.

    Args:
        *children: what it shows.
        current: whether it is the open one.
        href: its address; without one it is a button (`on_click`).
        id: names it for the way back from the open item.
        **props: `key`, `on_click`, …
    """
    mark = rx.cond(current, "true", "false") if isinstance(current, rx.Var) else ("true" if current else "false")
    if href is not None:
        return link(*children, href=href, class_name="pick", data_pick=id, aria_current=mark, **props)
    return rx.el.button(*children, type="button", class_name="pick", data_pick="", aria_current=mark, **props)
