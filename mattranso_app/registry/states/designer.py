"""State of the form that is being made. Each act is one step, kept at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import reflex as rx
from sqlalchemy import RowMapping

from mattranso_app.core.access import CENTRAL_PATH, Action, current_actor, needs
from mattranso_app.core.clock import VN, now, today
from mattranso_app.core.errors import Conflict, DomainError, InvalidInput
from mattranso_app.core.reporting.periods import Period, PeriodKind, parse_period, period_on
from mattranso_app.registry import building, comparing, drafting, showing
from mattranso_app.registry.drafting import Step
from mattranso_app.registry.service import designing
from mattranso_app.registry.service.designing import Design
from mattranso_app.registry.states.designer_list import answers_to, chosen_of
from mattranso_app.registry.text import designer as text
from mattranso_app.registry.text import designing as words


class DesignState(rx.State):
    """One form: its draft, how units would see it, its published versions."""

    code: str = ""
    title: str = text.EDIT_TITLE
    loaded: bool = False
    problem: str = ""
    errors: list[tuple[str, str]] = []
    done: str = ""
    saved: str = ""
    revision: int = 0
    fresh: int = 0
    """Grows when what was typed has been kept: the page's forms are then empty again. What was refused stays in them."""
    has_draft: bool = False
    has_version: bool = False
    version: str = ""
    retired: str = ""
    basics: dict[str, str] = {}
    example: str = ""
    levels: list[dict[str, Any]] = []
    organisations: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    sections: list[tuple[str, str]] = []
    categories: list[dict[str, Any]] = []
    cells: list[tuple[str, str]] = []
    catalogue: list[tuple[str, str]] = []
    checks: list[dict[str, Any]] = []
    preview: list[dict[str, Any]] = []
    changes: list[str] = []
    not_yet: str = ""
    periods: list[tuple[str, str]] = []
    history: list[str] = []
    new_type: str = "integer"
    editing: str = ""
    edited: dict[str, str] = {}
    edited_categories: list[dict[str, Any]] = []

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def load(self) -> None:
        """Read the form the address names; safe to run again."""
        code = dict(self.router.url.query_parameters).get("bieu", "")[:40]
        if code != self.code:
            self.editing, self.saved = "", ""
        self.code, self.problem, self.done, self.errors = code, "", "", []
        await self._fill()
        self.fresh += 1
        self.loaded = True

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def choose_type(self, kind: str) -> None:
        """Ask of a new indicator what its type needs."""
        self.new_type = kind if kind in words.TYPES else "integer"

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def edit(self, code: str) -> None:
        """Open an indicator to change it; again to close it."""
        design = await self._design()
        found = next((each for each in drafting.indicators(design.draft or {"sections": []}) if each["code"] == code), None)
        self.editing = "" if found is None or self.editing == code else code
        if found is not None and design.draft is not None:
            self.edited, self.edited_categories = showing.answers_of(found), showing.chosen_categories(design.draft, found)

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def save_basics(self, form: dict[str, Any]) -> None:
        """Say what the form is about."""
        answers = answers_to(form, "bieu")

        async def act() -> None:
            days = (answers.get("opens_days", ""), answers.get("due_days", ""), answers.get("lock_days", ""))
            await self._step("basics", drafting.set_basics(
                str(answers.get("title", "")), str(answers.get("period_kind", "")), chosen_of(answers, "level"),
                chosen_of(answers, "organisation"), days, str(answers.get("purpose", "")), str(answers.get("basis", "")),
            ))

        await self._act(act, "bieu")

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def add_section(self, form: dict[str, Any]) -> None:
        """Add a section."""
        title = str(answers_to(form, "muc").get("title", ""))
        await self._act(lambda: self._step("add section", drafting.add_section(title)), "muc")

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def rename_section(self, form: dict[str, Any]) -> None:
        """Give a section another heading and note."""
        title, note = str(form.get("title", "")), str(form.get("note", ""))
        await self._act(lambda: self._step("rename section", drafting.rename_section(_place(form), title, note)))

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def move(self, place: int, code: str, by: int) -> None:
        """Move an indicator, or without `code` a section, up (-1) or down (1)."""
        step = drafting.move_indicator(code, _by(by)) if code else drafting.move_section(place, _by(by))
        await self._act(lambda: self._step("move", step))

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def remove(self, place: int, code: str) -> None:
        """Take an indicator, or without `code` a section, out of the form."""
        step = drafting.remove_indicator(code) if code else drafting.remove_section(place)
        await self._act(lambda: self._step("remove", step))

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def pick_indicator(self, form: dict[str, Any]) -> None:
        """Add an indicator of the catalogue."""
        answers = answers_to(form, "chon")

        async def act() -> None:
            design = await self._design()
            kept = (await designing.list_catalogue(current_actor(), design.owner_path)).get(str(answers.get("indicator", "")))
            if kept is None:
                raise InvalidInput(fields={"indicator": words.CELL_MISSING})
            await self._step("pick", drafting.put_indicator(_place(answers), kept["indicator"], kept["categories"]))

        await self._act(act, "chon")

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def add_indicator(self, form: dict[str, Any]) -> None:
        """Add an indicator of one's own, or one that is computed."""
        prefix = "tinh" if "tinh-name" in form else "moi"
        answers = answers_to(form, prefix)
        if prefix == "tinh":
            answers |= {"type": "decimal", "formula": answers.get("formula") or "none"}

        async def act() -> None:
            draft = (await self._design()).draft or {"sections": []}
            taken = {each["code"] for each in drafting.indicators(draft)} | {code for code, _ in self.catalogue}
            made = building.indicator_of(answers, taken, chosen_of(answers, "category"))
            await self._step("add indicator", drafting.put_indicator(_place(answers), made))

        await self._act(act, prefix)

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def change_indicator(self, form: dict[str, Any]) -> None:
        """Change what the open indicator asks."""
        answers, code = answers_to(form, "sua"), self.editing

        async def act() -> None:
            draft = (await self._design()).draft or {"sections": []}
            before = next((each for each in drafting.indicators(draft) if each["code"] == code), None)
            if before is None:
                raise InvalidInput(words.INDICATOR_UNKNOWN)
            answers.update(type=before.get("type", "integer"), formula="")
            made = building.indicator_of(answers, set(), chosen_of(answers, "category"))
            made["formula"] = before.get("formula")
            await self._step("change indicator", drafting.change_indicator(code, made))
            self.editing = ""

        await self._act(act, "sua")

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def add_category(self, form: dict[str, Any]) -> None:
        """Add something figures can be broken down by."""
        answers = answers_to(form, "nhom")

        async def act() -> None:
            if answers.get("overlaps") not in ("yes", "no"):
                raise InvalidInput(fields={"overlaps": words.OVERLAPS_MISSING})
            lines = str(answers.get("options", "")).splitlines()
            await self._step("add category", drafting.add_category(str(answers.get("name", "")), lines, answers["overlaps"] == "yes"))

        await self._act(act, "nhom")

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def remove_category(self, code: str) -> None:
        """Take a way to break figures down away."""
        await self._act(lambda: self._step("remove category", drafting.remove_category(code)))

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def add_check(self, form: dict[str, Any]) -> None:
        """Add a check between cells, or of a cell against another period."""
        prefix = "ky" if "ky-cell" in form else "so"
        answers = answers_to(form, prefix)

        async def act() -> None:
            draft = (await self._design()).draft
            if draft is None:
                raise Conflict(words.NO_DRAFT)
            if prefix == "ky" and not answers.get("cell"):
                raise InvalidInput(fields={"cell": words.CELL_MISSING})
            await self._step("add check", drafting.add_check(building.check_of(answers, drafting.definition_of(draft))))

        await self._act(act, prefix)

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def remove_check(self, name: str) -> None:
        """Take a check away."""
        await self._act(lambda: self._step("remove check", drafting.remove_check(name)))

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def begin(self) -> None:
        """Begin the next version."""
        await self._act(lambda: designing.begin_version(current_actor(), self.code), done=text.BEGUN)

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def discard(self) -> None:
        """Throw the draft of the next version away."""
        await self._act(lambda: designing.discard_draft(current_actor(), self.code, self.revision), done=text.DISCARDED)

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def publish(self, form: dict[str, Any]) -> None:
        """Publish the draft from a period on."""
        period = str(answers_to(form, "cong-bo").get("period", ""))

        async def act() -> None:
            if not period:
                raise InvalidInput(fields={"period": words.PERIOD_MISSING})
            await designing.publish_draft(current_actor(), self.code, self.revision, period)

        await self._act(act, "cong-bo", text.PUBLISHED)

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def retire(self, form: dict[str, Any]) -> None:
        """Stop asking for the form from a period on; without one, ask again."""
        period = str(answers_to(form, "thoi").get("period", ""))

        async def act() -> None:
            if not period and not self.retired:
                raise InvalidInput(fields={"period": words.PERIOD_MISSING})
            await designing.retire_form(current_actor(), self.code, period)

        await self._act(act, "thoi", text.RETIRED if period else text.RESUMED)

    async def _design(self) -> Design:
        return await designing.get_design(current_actor(), self.code)

    async def _step(self, what: str, step: Step) -> None:
        await designing.change_draft(current_actor(), self.code, self.revision, step, what)
        self.saved = text.SAVED_AT.format(time=f"{now().astimezone(VN):%H:%M:%S}")

    async def _act(self, verb: Callable[[], Awaitable[None]], prefix: str = "", done: str = text.DONE) -> None:
        self.problem, self.done, self.errors = "", "", []
        try:
            await verb()
            await self._fill()
            self.done, self.fresh, self.new_type = done, self.fresh + 1, "integer"
        except DomainError as error:
            self.errors = [(f"{prefix}-{name}", said) for name, said in error.fields.items()] if prefix else []
            self.problem = "" if self.errors else error.text
            if isinstance(error, Conflict):
                await self._fill()

    async def _fill(self) -> None:
        """Read the form again; what is typed in open questions stays."""
        try:
            design = await self._design()
        except DomainError as error:
            self.problem, self.title = error.text, text.EDIT_TITLE
            self.has_draft, self.has_version, self.version, self.retired = False, False, "", ""
            return
        self.title, self.revision = design.title, design.revision
        self.has_draft, self.has_version = design.draft is not None, design.version > 0
        self.version = showing.version_words(design)
        self.retired = text.RETIRED_FROM.format(period=parse_period(design.closed_from).label) if design.closed_from else ""
        shown = design.draft or (design.published.model_dump(mode="json") if design.published else None)
        if shown is None:
            return
        kind = PeriodKind(shown["period_kind"])
        choices = _choices(kind, design.from_period)
        self.periods = [(period.key, period.label) for period in choices]
        history = await designing.get_history(current_actor(), self.code)
        self.history = [_history(row) for row in history]
        self.basics = {
            "title": shown["title"], "purpose": shown.get("purpose", ""), "basis": shown.get("basis", ""), "period_kind": kind.value,
            **{name: "" if shown.get(name) is None else str(shown[name]) for name in ("opens_days", "due_days", "lock_days")},
        }  # fmt: skip
        asked = designing.design_organisations(current_actor(), design.owner_path) | set(shown["organisations"])
        self.organisations = showing.ticked(words.ORGANISATIONS, shown["organisations"], asked)
        at_central = design.owner_path == CENTRAL_PATH
        self.levels = showing.ticked(words.LEVELS, shown["levels"], [level for level in words.LEVELS if level != "central" or at_central])
        kept = await designing.list_catalogue(current_actor(), design.owner_path)
        self._show(shown, kept)
        self.changes, self.not_yet, self.example = [], "", ""
        try:
            definition = drafting.definition_of(shown)
            self.example = comparing.example_days(definition, choices[0])
            self.preview = showing.preview(definition)
            self.cells = [(key, cell.name) for key, cell in definition.cells.items() if cell.is_number]
            if design.draft is not None:
                self.changes = await designing.list_changes(current_actor(), self.code)
        except DomainError as error:
            self.preview, self.cells, self.not_yet = [], [], text.NOT_YET.format(problem=error.text)

    def _show(self, shown: Mapping[str, Any], kept: Mapping[str, Mapping[str, Any]]) -> None:
        self.rows = showing.rows(shown)
        self.checks = showing.checks(shown)
        self.sections = [(str(place), section["title"]) for place, section in enumerate(shown["sections"])]
        self.categories = showing.categories(shown)
        there = {each["code"] for each in drafting.indicators(shown)}
        self.catalogue = [(code, showing.catalogue_words(each)) for code, each in kept.items() if code not in there]


def _place(answers: Mapping[str, Any]) -> int:
    said = str(answers.get("section", ""))
    return int(said) if said.isascii() and said.isdigit() else -1


def _by(by: int) -> int:
    return -1 if by < 0 else 1


def _choices(kind: PeriodKind, from_period: str) -> list[Period]:
    """Return the periods a version can hold from: around today, after the one the last version holds from."""
    if kind is PeriodKind.TERM:
        year = today().year
        found = [parse_period(f"{first}-{first + 5}") for first in range(year - 1, year + 3)]
    else:
        found = [period_on(kind, today()).previous]
        while len(found) < 8:
            found.append(found[-1].following)
    first = parse_period(from_period).start if from_period else None
    later = [period for period in found if first is None or period.start > first]
    return later or [parse_period(from_period).following]


def _history(row: RowMapping) -> str:
    published: datetime = row["published_at"]
    return text.HISTORY_LINE.format(
        version=row["version"], period=parse_period(row["from_period"]).label, day=f"{published.astimezone(VN):%d/%m/%Y}"
    )
