"""Parts of the form designer's page: the questions a form, an indicator, a formula and a check are made of.

Fields of one form begin with its name ("moi-", "so-"): no two fields of the page are alike, and errors find theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.registry.states.designer import DesignState
from mattranso_app.registry.text import designer as text
from mattranso_app.registry.text import designing as words


def tick_boxes(question: str, name: str, choices: rx.Var[list[list[str]]]) -> rx.Component:
    """Return a question with any number of answers, `choices` being (code, words); fields are `name-code`."""
    return _boxes(question, name, choices, lambda pair: (pair[0].to(str), pair[1].to(str), False))


def _ticked_boxes(question: str, name: str, choices: rx.Var[list[dict[str, Any]]]) -> rx.Component:
    """Return a question with any number of answers, some of them given already."""
    return _boxes(question, name, choices, lambda item: (item["code"].to(str), item["name"].to(str), item["ticked"].to(bool)))


def _boxes(question: str, name: str, choices: Any, read: Any) -> rx.Component:
    def box(item: Any) -> rx.Component:
        code, said, is_ticked = read(item)
        field = rx.Var.create(f"{name}-") + code
        return rx.el.div(
            rx.el.input(type="checkbox", name=field, id=field, value="1", default_checked=is_ticked),
            rx.el.div(rx.el.label(said, html_for=field)),
            class_name="choice",
            key=code,
        )

    return rx.el.fieldset(
        rx.el.legend(question), rx.el.div(rx.foreach(choices, box), class_name="choices"), class_name="field", id=f"{name}s", tab_index=-1,
    )


def basics() -> rx.Component:
    """Return what a form is about."""
    kept = DesignState.basics
    return rx.el.form(
        ui.text_field(text.TITLE, "bieu-title", default_value=kept["title"], max_length=300),
        ui.area_field(text.PURPOSE, "bieu-purpose", optional=True, rows=2, default_value=kept["purpose"]),
        ui.area_field(text.BASIS, "bieu-basis", text.BASIS_HINT, optional=True, rows=2, default_value=kept["basis"]),
        ui.select_field(text.KIND, "bieu-period_kind", list(words.KINDS.items()), default_value=kept["period_kind"]),
        _ticked_boxes(text.LEVELS, "bieu-level", DesignState.levels),
        _ticked_boxes(text.ORGANISATIONS, "bieu-organisation", DesignState.organisations),
        ui.text_field(text.OPENS, "bieu-opens_days", default_value=kept["opens_days"], input_mode="numeric"),
        ui.text_field(text.DUE, "bieu-due_days", default_value=kept["due_days"], input_mode="numeric"),
        ui.text_field(text.LOCK, "bieu-lock_days", text.LOCK_HINT, optional=True, default_value=kept["lock_days"], input_mode="numeric"),
        rx.cond(DesignState.example != "", rx.el.p(DesignState.example, class_name="small")),
        ui.actions(ui.button(text.SAVE, type="submit")),
        on_submit=DesignState.save_basics,
        class_name="form",
        no_validate=True,
        key=DesignState.fresh.to_string(),
    )


def content() -> rx.Component:
    """Return sections and indicators, each with what can be done to it by key or finger."""
    return ui.listing(DesignState.rows, lambda item: rx.cond(item["code"] == "", _section(item), _indicator(item)))


def _moves(item: Any, *more: rx.Component) -> rx.Component:
    place, code, name = item["place"].to(int), item["code"].to(str), item["name"].to(str)

    def act(said: str, event: Any, variant: Any = "quiet") -> rx.Component:
        return ui.button(said, ui.hidden(" " + name), on_click=event, variant=variant, small=True)

    return ui.row(
        act(text.UP, DesignState.move(place, code, -1)), act(text.DOWN, DesignState.move(place, code, 1)), *more,
        act(text.REMOVE, DesignState.remove(place, code)),
    )


def _section(item: Any) -> rx.Component:
    place = item["place"].to(int)
    field, note = rx.Var.create("ten-muc-") + place.to_string(), rx.Var.create("loi-dan-") + place.to_string()
    return ui.stack(
        rx.el.h3(item["name"].to(str)),
        rx.cond(item["line"] != "", rx.el.p(item["line"].to(str), class_name="small")),
        _moves(item),
        ui.more(
            rx.fragment(text.RENAME, ui.hidden(" " + item["name"].to(str))),
            rx.el.form(
                rx.el.input(type="hidden", name="section", value=place.to_string()),
                rx.el.label(text.SECTION_TITLE, html_for=field),
                ui.text_input("title", id=field, default_value=item["name"].to(str), max_length=300),
                rx.el.label(text.SECTION_NOTE, html_for=note),
                ui.text_input("note", id=note, default_value=item["line"].to(str), max_length=2000),
                ui.actions(ui.button(text.SAVE, type="submit", small=True)),
                on_submit=DesignState.rename_section,
                class_name="form",
            ),
        ),
        gap="tight",
    )


def _indicator(item: Any) -> rx.Component:
    code = item["code"].to(str)
    edit = ui.button(
        text.EDIT, ui.hidden(" " + item["name"].to(str)), on_click=DesignState.edit(code), variant="quiet", small=True,
        aria_expanded=rx.cond(DesignState.editing == code, "true", "false"),
    )  # fmt: skip
    return ui.stack(
        ui.row(
            ui.stack(rx.el.b(item["name"].to(str)), rx.el.span(item["line"].to(str), class_name="small"), gap="tight"),
            _moves(item, edit), apart=True,
        ),
        rx.cond(DesignState.editing == code, _edit_form()),
        gap="tight",
        key=code,
    )


def _edit_form() -> rx.Component:
    kept = DesignState.edited
    is_number = (kept["type"] == "integer") | (kept["type"] == "decimal")
    return rx.el.form(
        ui.text_field(text.INDICATOR_NAME, "sua-name", default_value=kept["name"], max_length=300),
        rx.cond(is_number, rx.fragment(*_of_numbers("sua", kept["measure"], kept["over_time"], kept["sums_over_units"]))),
        rx.cond(is_number & (kept["formula"] == ""), _ticked_boxes(text.BREAKDOWNS, "sua-category", DesignState.edited_categories)),
        rx.cond(kept["type"] == "choice", ui.area_field(text.OPTIONS, "sua-options", rows=4, default_value=kept["options"])),
        ui.checkbox(text.IS_REQUIRED, "sua-is_required", checked=kept["is_required"] != "", bare=True),
        ui.area_field(text.HELP, "sua-help", optional=True, rows=2, default_value=kept["help"]),
        ui.area_field(text.BASIS, "sua-basis", optional=True, rows=2, default_value=kept["basis"]),
        ui.actions(ui.button(text.SAVE, type="submit")),
        on_submit=DesignState.change_indicator,
        class_name="form card",
        no_validate=True,
    )


def _of_numbers(prefix: str, measure: Any = "", over_time: Any = "", sums: Any = "yes") -> Sequence[rx.Component]:
    """Return what is asked of numbers only, in plain words."""
    return (
        ui.text_field(text.MEASURE, f"{prefix}-measure", text.MEASURE_HINT, default_value=measure, max_length=40),
        ui.radio_group(text.OVER_TIME, f"{prefix}-over_time", text.OVER_TIME_CHOICES, over_time),
        ui.radio_group(text.SUMS, f"{prefix}-sums_over_units", text.SUMS_CHOICES, sums),
    )


def _into(prefix: str) -> rx.Component:
    return ui.select_field(text.INTO_SECTION, f"{prefix}-section", DesignState.sections, placeholder="")


def pick() -> rx.Component:
    """Return the choice of an indicator of the catalogue."""
    return rx.el.form(
        ui.select_field(text.PICK_INDICATOR, "chon-indicator", DesignState.catalogue), _into("chon"),
        ui.actions(ui.button(text.ADD, type="submit")), on_submit=DesignState.pick_indicator, class_name="form", no_validate=True,
    )


def new_indicator() -> rx.Component:
    """Return the questions a new indicator is made of."""
    is_number = (DesignState.new_type == "integer") | (DesignState.new_type == "decimal")
    return rx.el.form(
        ui.text_field(text.INDICATOR_NAME, "moi-name", max_length=300, auto_complete="off"),
        ui.select_field(
            text.TYPE, "moi-type", list(words.TYPES.items()), placeholder="", default_value="integer", on_change=DesignState.choose_type
        ),
        rx.cond(is_number, rx.fragment(*_of_numbers("moi"), _ticked_boxes(text.BREAKDOWNS, "moi-category", DesignState.categories))),
        rx.cond(DesignState.new_type == "choice", ui.area_field(text.OPTIONS, "moi-options", rows=4)),
        ui.checkbox(text.IS_REQUIRED, "moi-is_required", bare=True),
        ui.area_field(text.HELP, "moi-help", optional=True, rows=2),
        _into("moi"),
        ui.actions(ui.button(text.ADD, type="submit")),
        on_submit=DesignState.add_indicator,
        reset_on_submit=False,
        class_name="form",
        no_validate=True,
        key=DesignState.fresh.to_string(),
    )


def new_formula() -> rx.Component:
    """Return the questions a computed indicator is made of: cells are chosen, nothing is typed but its name."""
    return rx.el.form(
        ui.text_field(text.INDICATOR_NAME, "tinh-name", max_length=300, auto_complete="off"),
        ui.select_field(text.FORMULA, "tinh-formula", list(words.FORMULAS.items())),
        ui.select_field(text.FIRST, "tinh-first", DesignState.cells),
        ui.select_field(text.SECOND, "tinh-second", DesignState.cells),
        ui.select_field(text.THIRD, "tinh-third", DesignState.cells, optional=True),
        *_of_numbers("tinh"),
        _into("tinh"),
        ui.actions(ui.button(text.ADD, type="submit")),
        on_submit=DesignState.add_indicator,
        class_name="form",
        no_validate=True,
        key=DesignState.fresh.to_string(),
    )


def new_section() -> rx.Component:
    """Return the question a new section is made of."""
    return rx.el.form(
        ui.text_field(text.SECTION_TITLE, "muc-title", max_length=300, auto_complete="off"),
        ui.actions(ui.button(text.ADD, type="submit")), on_submit=DesignState.add_section, class_name="form", no_validate=True,
        key=DesignState.fresh.to_string(),
    )


def categories() -> rx.Component:
    """Return what figures can be broken down by, and the questions another one is made of."""
    def line(item: Any) -> rx.Component:
        remove = ui.button(
            text.REMOVE, ui.hidden(" " + item["name"].to(str)), on_click=DesignState.remove_category(item["code"].to(str)), variant="quiet",
            small=True,
        )
        shown = ui.stack(rx.el.b(item["name"].to(str)), rx.el.span(item["line"].to(str), class_name="small"), gap="tight")
        return ui.row(shown, remove, apart=True)

    return rx.fragment(
        ui.listing(DesignState.categories, line),
        ui.more(
            text.NEW_CATEGORY,
            rx.el.form(
                ui.text_field(text.CATEGORY_NAME, "nhom-name", max_length=300, auto_complete="off"),
                ui.area_field(text.CATEGORY_OPTIONS, "nhom-options", rows=4),
                ui.radio_group(text.OVERLAPS, "nhom-overlaps", text.OVERLAPS_CHOICES),
                ui.actions(ui.button(text.ADD, type="submit")),
                on_submit=DesignState.add_category, class_name="form", no_validate=True, key=DesignState.fresh.to_string(),
            ),
            id="nhom-moi",
        ),
    )


def checks() -> rx.Component:
    """Return the checks as sentences, and the questions others are made of."""
    def line(item: Any) -> rx.Component:
        remove = ui.button(
            text.REMOVE, ui.hidden(" " + item["sentence"].to(str)), on_click=DesignState.remove_check(item["name"].to(str)),
            variant="quiet", small=True,
        )
        severity = rx.cond(item["is_hard"], ui.pill(item["severity"].to(str), "late"), ui.pill(item["severity"].to(str), "wait"))
        said = rx.el.span(item["message"].to(str), class_name="small")
        return ui.row(ui.stack(rx.el.b(item["sentence"].to(str)), said, rx.el.div(severity), gap="tight"), remove, apart=True)

    severities = list(words.SEVERITIES.items())
    return rx.fragment(
        ui.listing(DesignState.checks, line, rx.el.p(text.NO_CHECKS, class_name="small")),
        ui.more(
            text.NEW_COMPARISON,
            rx.el.form(
                ui.select_field(text.LEFT, "so-left", DesignState.cells),
                ui.select_field(text.LEFT_PLUS, "so-left_plus", DesignState.cells, optional=True),
                ui.select_field(text.COMPARISON, "so-comparison", list(words.COMPARISONS.items())),
                ui.select_field(text.RIGHT, "so-right", DesignState.cells, optional=True),
                ui.select_field(text.RIGHT_PLUS, "so-right_plus", DesignState.cells, optional=True),
                ui.text_field(text.NUMBER, "so-number", optional=True, input_mode="decimal", max_length=30),
                ui.select_field(text.SEVERITY, "so-severity", severities),
                ui.area_field(text.MESSAGE, "so-message", text.MESSAGE_HINT, optional=True, rows=2),
                ui.actions(ui.button(text.ADD, type="submit")),
                on_submit=DesignState.add_check, class_name="form", no_validate=True, key=DesignState.fresh.to_string(),
            ),
            id="so-sanh",
        ),
        ui.more(
            text.NEW_CHANGE,
            rx.el.form(
                ui.select_field(text.CHANGE_CELL, "ky-cell", DesignState.cells),
                ui.text_field(text.CHANGE_PERCENT, "ky-percent", input_mode="decimal", max_length=30),
                ui.select_field(text.CHANGE_SINCE, "ky-since", list(words.SINCE.items()), placeholder=""),
                ui.select_field(text.SEVERITY, "ky-severity", severities),
                ui.area_field(text.MESSAGE, "ky-message", text.MESSAGE_HINT, optional=True, rows=2),
                ui.actions(ui.button(text.ADD, type="submit")),
                on_submit=DesignState.add_check, class_name="form", no_validate=True, key=DesignState.fresh.to_string(),
            ),
            id="so-ky",
        ),
    )


def preview() -> rx.Component:
    """Return the form as units will see it."""
    def name(item: Any) -> rx.Component:
        return rx.cond(item["heading"], rx.el.b(item["name"].to(str)), rx.el.span(item["name"].to(str)))

    return ui.more(
        text.PREVIEW,
        ui.data_table(
            text.PREVIEW,
            [
                ui.Column(text.PREVIEW_CELL, name, heading=True),
                ui.Column(text.PREVIEW_ANSWER, lambda item: rx.cond(item["heading"], text.NOTHING, item["answer"].to(str))),
                ui.Column(text.PREVIEW_MEASURE, lambda item: rx.cond(item["measure"] == "", text.NOTHING, item["measure"].to(str))),
            ],
            DesignState.preview,
        ),
        id="xem-truoc",
    )
