"""The home of the online database: what came back, what is due, what has gone up."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.registry.states.home import RegistryHomeState
from mattranso_app.registry.text import entry as text
from mattranso_app.registry.text import sheets as sheets_text


class _WaitingSheets(rx.Component):
    library = "$/public/registry/waiting_list.js"
    tag = "WaitingSheets"
    words: rx.Var[dict[str, str]]


def home_page() -> rx.Component:
    """Return the page."""
    return ui.page(
        text.HOME_TITLE,
        rx.cond(RegistryHomeState.problem != "", ui.notice("late", RegistryHomeState.problem, live=True), rx.fragment()),
        _WaitingSheets.create(words=text.WAITING),
        rx.cond(RegistryHomeState.loaded, _lists(), ui.card(ui.skeleton(6))),
        _ways(),
        description=text.HOME_LEAD,
    )


def _lists() -> rx.Component:
    waiting = RegistryHomeState.returned.length() + RegistryHomeState.open.length()
    return ui.stack(
        _group(text.RETURNED_TITLE, RegistryHomeState.returned),
        rx.cond(
            waiting > 0,
            _group(text.DUE_TITLE, RegistryHomeState.open),
            ui.section(text.DUE_TITLE, ui.empty_state(text.NOTHING_DUE, rx.el.p(text.NOTHING_DUE_HINT))),
        ),
        _group(text.DONE_TITLE, RegistryHomeState.done),
        gap="loose",
    )


def _group(title: str, items: Any) -> rx.Component:
    return rx.cond(items.length() > 0, ui.section(title, ui.stack(rx.foreach(items, _report), gap="tight")), rx.fragment())


def _report(item: Any) -> rx.Component:
    kinds = [(kind, ui.pill(item["state"], kind)) for kind in ("ok", "go", "late")]
    return ui.card(
        ui.row(rx.match(item["kind"], *kinds, ui.pill(item["state"], "plain")), rx.el.small(item["due"], class_name="number"), apart=True),
        rx.el.h3(item["title"], class_name="card-title"),
        rx.el.p(item["period"], " · ", item["whose"], class_name="small"),
        rx.cond(
            item["reason"] != "", ui.notice("late", text.RETURN_REASON, rx.el.p(item["reason"], class_name="pre")), rx.fragment()
        ),
        ui.row(
            rx.el.span(item["progress"], class_name="small number"),
            ui.link_button(
                item["act"], rx.el.span(": ", item["title"], ", ", item["period"], ", ", item["whose"], class_name="visually-hidden"),
                href=item["href"],
                variant="outline", small=True,
            ),
            apart=True,
        ),
        key=item["key"],
    )


def _ways() -> rx.Component:
    """Return where else to go; the parts that decide and design only to who may."""

    def way(words: tuple[str, str], sign: str) -> rx.Component:
        return ui.tile(words[0], "", href=words[1], sign=sign, kind="plain")

    return ui.section(
        text.WAYS_TITLE,
        ui.tiles(
            rx.cond(RegistryHomeState.may_enter, way(sheets_text.WAY, "download"), rx.fragment()),
            rx.cond(
                RegistryHomeState.may_link,
                ui.tile(text.GROUP_LINKS[0], "", href=text.GROUP_LINKS[1], sign="phone", kind="plain", full_load=True), rx.fragment(),
            ),
            way(text.TOTALS, "server"),
            rx.cond(RegistryHomeState.may_review, way(text.REVIEW, "check"), rx.fragment()),
            rx.cond(RegistryHomeState.may_design, way(text.DESIGN, "building"), rx.fragment()),
        ),
    )
