"""What is shown: cards, tiles, pills, notices, figures, timelines, tables, and the states before there is something to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from mattranso_app.ui import text
from mattranso_app.ui.actions import link
from mattranso_app.ui.icons import icon
from mattranso_app.ui.values import Flag, Kind, Node, Text, classes, is_given, when, with_class

SIGNS: dict[str, str] = {"ok": "check", "go": "arrow", "wait": "clock", "late": "alert", "plain": "info"}
"""The sign that goes with each kind, so that colour is never the only one to tell."""


def stack(*children: Node, gap: Literal["", "tight", "loose"] = "", **props: Any) -> rx.Component:
    """Return children one below the other."""
    return rx.el.div(*children, **with_class(props, "stack", gap))


def row(*children: Node, apart: bool = False, **props: Any) -> rx.Component:
    """Return children side by side, wrapping; `apart` pushes the first and the last to the edges."""
    return rx.el.div(*children, **with_class(props, "row", apart and "apart"))


def grid(*children: Node, **props: Any) -> rx.Component:
    """Return children in as many columns (≥ 17 rem) as there is room for."""
    return rx.el.div(*children, **with_class(props, "grid"))


def columns(main: Node, aside: Node) -> rx.Component:
    """Return two columns on a desk (the second one narrow), one below the other on a phone."""
    return rx.el.div(rx.el.div(main, class_name="stack loose"), rx.el.div(aside, class_name="stack loose"), class_name="columns")


def prose(*children: Node, **props: Any) -> rx.Component:
    """Return running text in a column of at most 68 characters."""
    return rx.el.div(*children, **with_class(props, "prose"))


def plain_text(words: Text, **props: Any) -> rx.Component:
    """Return what a person wrote, with its line breaks, never as HTML."""
    return rx.el.p(words, **with_class(props, "pre prose"))


def hidden(words: Text) -> rx.Component:
    """Return words for screen readers only."""
    return rx.el.span(words, class_name="visually-hidden")


def card(*children: Node, href: Text | None = None, flush: bool = False, **props: Any) -> rx.Component:
    """Return a card; with `href` the whole card is the link (put nothing pressable inside). `flush` has no padding."""
    if href is not None:
        return link(*children, href=href, **with_class(props, "card", flush and "flush"))
    return rx.el.div(*children, **with_class(props, "card", flush and "flush"))


def section(title: Text, *children: Node, more: tuple[str, str] | None = None, note: Node | None = None) -> rx.Component:
    """Return a part of a page under an `h2`.

    Args:
        title: its heading.
        *children: its content.
        more: (words, address) of the whole list, at the right of the heading.
        note: something small at the right of the heading instead.
    """
    right: list[Node] = []
    if more is not None:
        right.append(link(more[0], href=more[1], class_name="small more-link"))
    if note is not None:
        right.append(rx.el.span(note, class_name="small"))
    return rx.el.section(row(rx.el.h2(title), *right, apart=True), *children, class_name="stack tight")


def pill(words: Text, kind: Kind | Literal[""] = "", sign: str | None = None) -> rx.Component:
    """Return a short state: sign and word on a soft ground. `sign` names another icon, "" leaves it out."""
    shown = SIGNS.get(kind, "") if sign is None else sign
    return rx.el.span(*([icon(shown)] if shown else []), words, class_name=classes("pill", kind))


def status_pill(state: Text, states: Mapping[str, tuple[Kind, str]]) -> rx.Component:
    """Return the pill of a state.

    Args:
        state: the state's code, string or var.
        states: code → (kind, words). An unknown code of a var is shown as it is.
    """
    if isinstance(state, str):
        kind, words = states[state]
        return pill(words, kind)
    return rx.match(state, *[(code, pill(words, kind)) for code, (kind, words) in states.items()], pill(state))


def notice(kind: Kind, title: Text, *children: Node, live: bool = False, **props: Any) -> rx.Component:
    """Return a message in the page.

    Args:
        kind: its meaning; `late` is an error.
        title: the message in a few words.
        *children: what to do next.
        live: it appears after an act, so screen readers should say it (an error at once, others when idle).
        **props: `id`, …
    """
    if live:
        props["role"] = "alert" if kind == "late" else "status"
    return rx.el.div(
        icon(SIGNS[kind], text.SIGNS[kind]),
        rx.el.div(rx.el.b(title), *children),
        **with_class(props, "notice", kind),
    )


def toast(words: Text, shown: Flag) -> rx.Component:
    """Return a word of success at the lower edge while `shown`; screen readers say it. Never the only place of an error."""
    return rx.el.div(when(shown, rx.el.div(words)), class_name="toast", role="status", aria_live="polite")


def empty_state(title: Text, *children: Node, sign: str = "inbox") -> rx.Component:
    """Return what stands where a list has nothing: why, and what can be done (`children`)."""
    return rx.el.div(icon(sign), rx.el.b(title), *children, class_name="empty")


def skeleton(lines: int = 3) -> rx.Component:
    """Return breathing lines in place of content that is on its way."""
    return rx.el.div(
        *[rx.el.span(aria_hidden="true") for _ in range(lines)], hidden(text.LOADING), class_name="skeleton", role="status"
    )


def stat(value: Text, label: Text, kind: Kind | Literal[""] = "") -> rx.Component:
    """Return one figure with its name; stands inside `stats`. The caller writes the figure the Vietnamese way (1.284)."""
    return rx.el.div(rx.el.dt(label), rx.el.dd(value), class_name=classes("stat", kind))


def stats(*children: Node) -> rx.Component:
    """Return figures beside one another."""
    return rx.el.dl(*children, class_name="stats")


def facts(*pairs: tuple[Text, Node]) -> rx.Component:
    """Return names and values as a description list."""
    return rx.el.dl(*[part for name, value in pairs for part in (rx.el.dt(name), rx.el.dd(value))], class_name="facts")


def tile(title: Text, note: Text, href: Text, sign: str, kind: Kind = "plain", full_load: bool = False) -> rx.Component:
    """Return one tool of the portal: icon on a soft ground, name, one line, chevron."""
    return link(
        rx.el.span(icon(sign), class_name=classes("tile-icon", kind)),
        rx.el.span(rx.el.b(title), rx.el.small(note)),
        icon("chevron"),
        href=href,
        full_load=full_load,
        class_name="tile",
    )


def tiles(*children: Node) -> rx.Component:
    """Return tiles as one card on a phone, as a grid on a wide page."""
    return rx.el.div(*children, class_name="card flush tiles")


def listing(items: rx.Var | Sequence[Any], make: Callable[[Any], rx.Component], empty: Node | None = None) -> rx.Component:
    """Return a list with a line between items.

    Args:
        items: a list var (drawn in the browser) or a plain sequence.
        make: draws one item (no `li` around it).
        empty: shown instead when there is none.
    """
    if isinstance(items, rx.Var):
        drawn = rx.el.ul(rx.foreach(items, lambda item: rx.el.li(make(item))), class_name="list")
        return drawn if empty is None else rx.cond(items.to(list).length() > 0, drawn, empty)
    if not items and empty is not None:
        return rx.el.div(empty)
    return rx.el.ul(*[rx.el.li(make(item)) for item in items], class_name="list")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a timeline.

    Attributes:
        title: what happened, or will.
        when: the time in words, "19/11, 07:52".
        note: who, why.
        state: `done`, `now` or `next`.
        extra: anything below the note.
    """

    title: Text
    when: Text = ""
    note: Text = ""
    state: Literal["done", "now", "next"] | rx.Var = "done"
    extra: Node | None = None


def timeline(items: Sequence[Step] | rx.Var, make: Callable[[Any], Step] | None = None) -> rx.Component:
    """Return who has had it, who has it and what comes next.

    Args:
        items: steps, or a list var with `make` turning one of its items into a `Step` of vars.
        make: needed for a var.
    """
    if isinstance(items, rx.Var):
        assert make is not None, "a var needs `make`"
        return rx.el.ol(rx.foreach(items, lambda item: _step(make(item))), class_name="timeline")
    return rx.el.ol(*[_step(item) for item in items], class_name="timeline")


def _step(step: Step) -> rx.Component:
    state = step.state
    current: Any
    if isinstance(state, rx.Var):
        current = rx.cond(state == "now", "step", "false")
        word: Node = rx.match(state, *[(name, hidden(f"{said}: ")) for name, said in text.STEPS.items()], rx.fragment())
        sign: Node = rx.cond(state == "done", icon("check"), rx.fragment())
    else:
        current = "step" if state == "now" else "false"
        word = hidden(f"{text.STEPS[state]}: ")
        sign = icon("check") if state == "done" else rx.fragment()
    return rx.el.li(
        rx.el.span(sign, class_name="dot", aria_hidden="true"),
        word,
        rx.el.b(step.title),
        *([when(step.when != "", rx.el.span(" · ", step.when, class_name="number"))] if is_given(step.when) else []),
        *([when(step.note != "", rx.el.small(step.note))] if is_given(step.note) else []),
        *([step.extra] if step.extra is not None else []),
        class_name=state,
        aria_current=current,
    )


def progress(value: int | float | rx.Var, maximum: int | float | rx.Var, label: Text, kind: Kind = "ok") -> rx.Component:
    """Return a bar; `label` says in words what it shows (screen readers read it, others have the words beside it)."""
    return rx.el.progress(value=value, max=maximum, aria_label=label, class_name=classes("progress", kind))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `data_table`.

    Attributes:
        title: its heading.
        cell: draws the value of one row.
        numeric: right-aligned figures.
        heading: the cell names its row (one column a table).
    """

    title: str
    cell: Callable[[Any], Node]
    numeric: bool = False
    heading: bool = False


def data_table(
    caption: Text, columns: Sequence[Column], rows: rx.Var | Sequence[Any], stacks: bool = True, foot: Node | None = None
) -> rx.Component:
    """Return a table; on a phone each row becomes a small card (`stacks`) or the table scrolls inside its frame.

    Args:
        caption: what it shows.
        columns: its columns.
        rows: a list var or a plain sequence.
        stacks: rows become cards below 576 px.
        foot: rows of totals.
    """
    def line(item: Any) -> rx.Component:
        cells = []
        for column in columns:
            props: dict[str, Any] = {"class_name": "num"} if column.numeric else {}
            if column.heading:
                cells.append(rx.el.th(column.cell(item), scope="row", **props))
            else:
                cells.append(rx.el.td(column.cell(item), data_label=column.title, **props))
        return rx.el.tr(*cells)

    body = rx.foreach(rows, line) if isinstance(rows, rx.Var) else rx.fragment(*[line(item) for item in rows])
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption),
            rx.el.thead(
                rx.el.tr(*[rx.el.th(c.title, scope="col", **({"class_name": "num"} if c.numeric else {})) for c in columns])
            ),
            rx.el.tbody(body),
            *([rx.el.tfoot(foot)] if foot is not None else []),
            class_name=classes("table", stacks and "stacks"),
        ),
        class_name="table-box",
        role="region",
        tab_index=0,
        aria_label=text.SCROLL_TABLE if isinstance(caption, rx.Var) else f"{caption}. {text.SCROLL_TABLE}",
    )


def more(title: Text, *children: Node, **props: Any) -> rx.Component:
    """Return content that opens under its title (native `details`)."""
    return rx.el.details(rx.el.summary(title), *children, **with_class(props, "more"))
