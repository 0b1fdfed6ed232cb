"""The draft of a form and what a designer does to it, step by step. Pure: a step takes a draft and gives the next one.

A draft has the shape of a `FormDefinition` (see `core.reporting.forms`), but may still be without indicators. What people are
asked for are names; codes are made of them here and stay for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting import computing
from mattranso_app.core.reporting.expressions import Cell, Expression, references
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.periods import PeriodKind
from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.core.text import TextTooLong, clean_text, fold
from mattranso_app.registry.text import designing as text

Draft = dict[str, Any]
Step = Callable[[Draft], None]
"""Changes the draft it is given, or raises InvalidInput."""

NAME_LIMIT, WORDS_LIMIT, MEASURE_LIMIT = 300, 2_000, 40
"""Characters."""
MOST_OPENS, MOST_DUE, MOST_LOCK = 400, 120, 400
"""Days."""


def apply(draft: Mapping[str, Any], step: Step) -> Draft:
    """Return the draft after a step.

    Raises:
        InvalidInput: the step cannot be, or would leave a form that could not be published.
    """
    changed = deepcopy(dict(draft))
    step(changed)
    if any(True for _ in indicators(changed)):
        definition_of(changed)
    return changed


def definition_of(draft: Mapping[str, Any]) -> FormDefinition:
    """Return what would be published: the draft without its empty sections and the categories nothing is broken down by.

    Raises:
        InvalidInput: nothing is asked yet, or what `read_definition` refuses.
    """
    used = {code for indicator in indicators(draft) for code in indicator.get("categories", ())}
    sections = [section for section in draft["sections"] if section["indicators"]]
    if not sections:
        raise InvalidInput(text.NOTHING_ASKED)
    categories = [category for category in draft["categories"] if category["code"] in used]
    definition = read_definition({**draft, "sections": sections, "categories": categories})
    for user, expression in _expressions(definition):
        for reference in references(expression):
            if isinstance(reference, Cell) and not reference.form and reference.key not in definition.cells:
                raise InvalidInput(text.CELL_USED.format(user=user))
    return definition


def _expressions(definition: FormDefinition) -> Iterator[tuple[str, Expression]]:
    """Return the formulas and checks of a form, each with what people call it."""
    for key, formula in computing.formulas(definition).items():
        yield text.FORMULA_NAMED.format(name=definition.cells[key].name), formula
    for check in computing.checks(definition):
        yield text.CHECK_NAMED.format(message=check.message), check.expression


def indicators(draft: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the indicators of a draft in its order."""
    return (indicator for section in draft["sections"] for indicator in section["indicators"])


def words(name: str, value: object, limit: int = NAME_LIMIT, needed: bool = True, multiline: bool = False) -> str:
    """Return what was typed, cleaned.

    Raises:
        InvalidInput: too long, or nothing where something is `needed`; `fields` has `name`.
    """
    try:
        said = clean_text(str(value or ""), max_length=limit, multiline=multiline)
    except TextTooLong as error:
        raise InvalidInput(fields={name: text.WORDS_LONG.format(limit=limit)}) from error
    if needed and not said:
        raise InvalidInput(fields={name: text.NAME_MISSING})
    return said


def new_code(name: str, taken: Sequence[str] | set[str]) -> str:
    """Return a code made of a name, unlike all that are taken: “Hội viên nữ” → `hoi_vien_nu`, then `hoi_vien_nu_2`."""
    base = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:34].strip("_")
    base = base if base[:1].isalpha() else f"c_{base}".rstrip("_")
    code, number = base, 1
    while code in taken:
        number += 1
        code = f"{base}_{number}"
    return code


def blank(title: str, period_kind: str, levels: Sequence[str], organisations: Sequence[str]) -> Draft:
    """Return the draft of a new form.

    Raises:
        InvalidInput: `fields` names the question.
    """
    draft: Draft = {
        "title": "", "purpose": "", "basis": "", "period_kind": period_kind, "levels": [], "organisations": [], "opens_days": 7,
        "due_days": 5, "lock_days": 30, "categories": [], "sections": [{"title": text.FIRST_SECTION, "note": "", "indicators": []}],
        "checks": [],
    }  # fmt: skip
    set_basics(title, period_kind, levels, organisations, days=(7, 5, 30))(draft)
    return draft


def set_basics(
    title: str, period_kind: str, levels: Sequence[str], organisations: Sequence[str], days: tuple[object, object, object],
    purpose: str = "", basis: str = "",
) -> Step:
    """Return the step that says what the form is about.

    Args:
        title: its name.
        period_kind: see `PeriodKind`.
        levels: who reports.
        organisations: codes.
        days: before the end of the period it opens; working days after the end it is due; days after that it locks (None: never).
        purpose: what it is for.
        basis: the document that asks for it.
    """

    def step(draft: Draft) -> None:
        wrong = {}
        if period_kind not in list(PeriodKind):
            wrong["period_kind"] = text.KIND_BAD
        if not set(levels) or not set(levels) <= text.LEVELS.keys():
            wrong["levels"] = text.LEVEL_MISSING
        if not organisations:
            wrong["organisations"] = text.ORGANISATION_MISSING
        counted: dict[str, int | None] = {}
        for name, value, most in zip(("opens_days", "due_days", "lock_days"), days, (MOST_OPENS, MOST_DUE, MOST_LOCK), strict=True):
            said = "" if value is None else str(value).strip()
            if said == "" and name == "lock_days":
                counted[name] = None
            elif said.isascii() and said.isdigit() and int(said) <= most:
                counted[name] = int(said)
            else:
                wrong[name] = text.DAYS_BAD.format(most=most)
        if wrong:
            raise InvalidInput(fields=wrong)
        draft |= {
            "title": words("title", title), "purpose": words("purpose", purpose, WORDS_LIMIT, needed=False, multiline=True),
            "basis": words("basis", basis, WORDS_LIMIT, needed=False, multiline=True), "period_kind": period_kind,
            "levels": [level for level in text.LEVELS if level in levels], "organisations": list(dict.fromkeys(organisations)), **counted,
        }  # fmt: skip

    return step


def add_section(title: str) -> Step:
    """Return the step that adds a section at the end."""

    def step(draft: Draft) -> None:
        draft["sections"].append({"title": _new_name("title", title, draft["sections"], "title"), "note": "", "indicators": []})

    return step


def rename_section(place: int, title: str, note: str) -> Step:
    """Return the step that gives the section at `place` another heading and note."""

    def step(draft: Draft) -> None:
        section = _section(draft, place)
        others = [each for each in draft["sections"] if each is not section]
        section["title"] = _new_name("title", title, others, "title")
        section["note"] = words("note", note, WORDS_LIMIT, needed=False)

    return step


def remove_section(place: int) -> Step:
    """Return the step that takes an empty section away."""

    def step(draft: Draft) -> None:
        section = _section(draft, place)
        if section["indicators"]:
            raise InvalidInput(text.SECTION_FULL.format(count=len(section["indicators"])))
        draft["sections"].remove(section)

    return step


def move_section(place: int, by: int) -> Step:
    """Return the step that moves a section up (-1) or down (1)."""

    def step(draft: Draft) -> None:
        section = _section(draft, place)
        draft["sections"].remove(section)
        draft["sections"].insert(max(0, place + by), section)

    return step


def put_indicator(place: int, indicator: Mapping[str, Any], categories: Sequence[Mapping[str, Any]] = ()) -> Step:
    """Return the step that adds an indicator at the end of a section, with the categories it comes with from the catalogue."""

    def step(draft: Draft) -> None:
        section = _section(draft, place)
        _new_name("name", str(indicator["name"]), list(indicators(draft)), "name")
        if any(each["code"] == indicator["code"] for each in indicators(draft)):
            raise InvalidInput(fields={"name": text.NAME_TWICE.format(name=indicator["name"])})
        known = {category["code"] for category in draft["categories"]}
        draft["categories"] += [dict(category) for category in categories if category["code"] not in known]
        section["indicators"].append(dict(indicator))

    return step


def change_indicator(code: str, changed: Mapping[str, Any]) -> Step:
    """Return the step that changes what an indicator asks; its code and so its series stay."""

    def step(draft: Draft) -> None:
        _, indicator = _indicator(draft, code)
        others = [each for each in indicators(draft) if each is not indicator]
        _new_name("name", str(changed.get("name", indicator["name"])), others, "name")
        indicator |= {name: value for name, value in changed.items() if name != "code"}

    return step


def remove_indicator(code: str) -> Step:
    """Return the step that asks for an indicator no more."""

    def step(draft: Draft) -> None:
        section, indicator = _indicator(draft, code)
        section["indicators"].remove(indicator)

    return step


def move_indicator(code: str, by: int) -> Step:
    """Return the step that moves an indicator up (-1) or down (1), at the end of a section into the next one."""

    def step(draft: Draft) -> None:
        section, indicator = _indicator(draft, code)
        place, number = section["indicators"].index(indicator), draft["sections"].index(section)
        section["indicators"].remove(indicator)
        if 0 <= place + by <= len(section["indicators"]):
            section["indicators"].insert(place + by, indicator)
        elif 0 <= number + by < len(draft["sections"]):
            beside = draft["sections"][number + by]["indicators"]
            beside.insert(len(beside) if by < 0 else 0, indicator)
        else:
            section["indicators"].insert(place, indicator)

    return step


def add_category(name: str, options: Sequence[str], overlaps: bool) -> Step:
    """Return the step that adds something figures can be broken down by.

    Args:
        name: "Giới tính".
        options: names, at least two.
        overlaps: whether one person can be counted in two of them; then they never add up to the whole.
    """

    def step(draft: Draft) -> None:
        said = _new_name("name", name, draft["categories"], "name")
        code = new_code(said, {category["code"] for category in draft["categories"]})
        draft["categories"].append({"code": code, "name": said, "options": read_options(options, 2), "overlaps": overlaps})

    return step


def remove_category(code: str) -> Step:
    """Return the step that takes a category away that nothing is broken down by."""

    def step(draft: Draft) -> None:
        user = next((each for each in indicators(draft) if code in each.get("categories", ())), None)
        if user is not None:
            raise InvalidInput(text.CATEGORY_USED.format(name=user["name"]))
        left = [category for category in draft["categories"] if category["code"] != code]
        if len(left) == len(draft["categories"]):
            raise InvalidInput(text.CATEGORY_UNKNOWN)
        draft["categories"] = left

    return step


def read_options(lines: Sequence[str], least: int) -> list[dict[str, str]]:
    """Return options by their names, with codes of their own.

    Raises:
        InvalidInput: too few, too many, or one twice.
    """
    made: list[dict[str, str]] = []
    for line in lines:
        name = words("options", line, needed=False)
        if not name:
            continue
        if any(fold(each["name"]) == fold(name) for each in made):
            raise InvalidInput(fields={"options": text.NAME_TWICE.format(name=name)})
        made.append({"code": new_code(name, {each["code"] for each in made}), "name": name})
    if len(made) < least:
        raise InvalidInput(fields={"options": text.OPTIONS_FEW.format(least=least)})
    if len(made) > 40:
        raise InvalidInput(fields={"options": text.OPTIONS_MANY})
    return made


def add_check(check: Mapping[str, Any]) -> Step:
    """Return the step that adds a check; see `building.check_of`."""

    def step(draft: Draft) -> None:
        name = new_code("kiem_tra", {each["name"] for each in draft["checks"]})
        draft["checks"].append({"name": name, **check})

    return step


def remove_check(name: str) -> Step:
    """Return the step that takes a check away."""

    def step(draft: Draft) -> None:
        left = [check for check in draft["checks"] if check["name"] != name]
        if len(left) == len(draft["checks"]):
            raise InvalidInput(text.CHECK_UNKNOWN)
        draft["checks"] = left

    return step


def _new_name(field: str, name: str, others: Sequence[Mapping[str, Any]], member: str) -> str:
    said = words(field, name)
    if any(fold(str(other[member])) == fold(said) for other in others):
        raise InvalidInput(fields={field: text.NAME_TWICE.format(name=said)})
    return said


def _section(draft: Draft, place: int) -> dict[str, Any]:
    if not 0 <= place < len(draft["sections"]):
        raise InvalidInput(text.SECTION_UNKNOWN)
    section: dict[str, Any] = draft["sections"][place]
    return section


def _indicator(draft: Draft, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    for section in draft["sections"]:
        for indicator in section["indicators"]:
            if indicator["code"] == code:
                return section, indicator
    raise InvalidInput(text.INDICATOR_UNKNOWN)
