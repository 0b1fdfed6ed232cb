"""A form and its draft as plain rows for the designer's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mattranso_app.core.errors import DomainError
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.registry import building, drafting
from mattranso_app.registry.service.designing import Design
from mattranso_app.registry.text import designer as text
from mattranso_app.registry.text import designing as words
from mattranso_app.units.service import glimpse_unit


async def form_line(design: Design) -> dict[str, Any]:
    """Return a line of the list of forms."""
    owner = await glimpse_unit(design.owner_path.rstrip("/").rpartition("/")[2])
    kind = design.draft["period_kind"] if design.draft else design.published.period_kind.value if design.published else ""
    status = "closed" if design.closed_from else "draft" if not design.version else "next" if design.draft else "live"
    return {
        "code": design.code, "title": design.title, "line": text.LIST_LINE.format(kind=words.KINDS[kind], owner=owner.name),
        "version": version_words(design), "status": text.STATUS[status],
        "kind": {"closed": "plain", "draft": "wait", "next": "go", "live": "ok"}[status],
    }  # fmt: skip


def version_words(design: Design) -> str:
    """Return which version holds since when; empty before the first."""
    if not design.version:
        return ""
    return text.HOLDS_FROM.format(version=design.version, period=parse_period(design.from_period).label)


def rows(draft: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return sections and indicators, one below the other."""
    names = {category["code"]: category["name"] for category in draft["categories"]}
    try:
        formulas = building.formulas_of(drafting.definition_of(draft))
    except DomainError:
        formulas = {}
    found: list[dict[str, Any]] = []
    for place, section in enumerate(draft["sections"]):
        found.append({"place": place, "code": "", "name": section["title"], "line": section.get("note", "")})
        for indicator in section["indicators"]:
            line = _line(indicator, names, formulas)
            found.append({"place": place, "code": indicator["code"], "name": indicator["name"], "line": line})
    return found


def _line(indicator: Mapping[str, Any], names: Mapping[str, str], formulas: Mapping[str, str]) -> str:
    """Return what an indicator is in a few words: “số nguyên · người · lấy số cuối kỳ · bắt buộc”."""
    kind = indicator.get("type", "integer")
    said = [words.TYPES[kind].lower()]
    if kind in ("integer", "decimal"):
        said += [indicator["measure"], words.OVER_TIME[indicator["over_time"]]]
    if indicator.get("categories"):
        said.append(text.BY_CATEGORIES.format(names=", ".join(names[code].lower() for code in indicator["categories"])))
    if indicator["code"] in formulas:
        said.append(text.COMPUTED.format(sentence=formulas[indicator["code"]]))
    if indicator.get("is_required"):
        said.append(text.REQUIRED)
    return " · ".join(said)


def categories(draft: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what figures can be broken down by."""
    return [
        {
            "code": category["code"], "name": category["name"], "ticked": False,
            "line": f"{', '.join(option['name'] for option in category['options'])} · "
            + (text.OVERLAPS_WORDS if category.get("overlaps") else text.SHARES_WORDS),
        }
        for category in draft["categories"]
    ]  # fmt: skip


def checks(draft: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the checks, each as a sentence with what is said when it does not hold."""
    try:
        sentences = building.sentences_of(drafting.definition_of(draft))
    except DomainError:
        sentences = {}
    return [
        {
            "name": check["name"], "sentence": sentences.get(check["name"], check["message"]), "message": check.get("message", ""),
            "severity": words.SEVERITIES[check["severity"]], "is_hard": check["severity"] == "hard",
        }
        for check in draft["checks"]
    ]  # fmt: skip


def catalogue_words(kept: Mapping[str, Any]) -> str:
    """Return an indicator of the catalogue as a designer picks it: its name and its unit of measure."""
    indicator = kept["indicator"]
    return f"{indicator['name']} ({indicator['measure']})" if indicator.get("measure") else str(indicator["name"])


def answers_of(indicator: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers an indicator was made of."""
    return {
        "name": indicator["name"], "type": indicator.get("type", "integer"), "measure": indicator.get("measure", ""),
        "over_time": indicator.get("over_time") or "", "sums_over_units": "yes" if indicator.get("sums_over_units", True) else "no",
        "is_required": "1" if indicator.get("is_required") else "", "help": indicator.get("help", ""), "basis": indicator.get("basis", ""),
        "options": "\n".join(option["name"] for option in indicator.get("options", ())),
        "formula": "1" if indicator.get("formula") is not None else "",
    }  # fmt: skip


def chosen_categories(draft: Mapping[str, Any], indicator: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the categories with whether an indicator is broken down by each."""
    used = indicator.get("categories", ())
    return [{"code": each["code"], "name": each["name"], "ticked": each["code"] in used} for each in draft["categories"]]


def ticked(names: Mapping[str, str], chosen: Collection[str], offered: Collection[str]) -> list[dict[str, Any]]:
    """Return the choices that are offered, with whether each is chosen."""
    return [{"code": code, "name": name, "ticked": code in chosen} for code, name in names.items() if code in offered]


def preview(definition: FormDefinition) -> list[dict[str, Any]]:
    """Return a form as units will see it: headings and cells in their order."""
    found: list[dict[str, Any]] = []
    for section in definition.sections:
        found.append({"heading": True, "name": section.title, "answer": "", "measure": section.note})
        codes = {indicator.code for indicator in section.indicators}
        for cell in definition.cells.values():
            if cell.indicator.code in codes:
                kind = text.BY_MACHINE if cell.is_computed else words.TYPES[cell.indicator.type].lower()
                required = f", {text.REQUIRED}" if cell.is_required else ""
                name = f"– {cell.label}" if cell.label else cell.indicator.name
                found.append({"heading": False, "name": name, "answer": f"{kind}{required}", "measure": cell.indicator.measure})
    return found
