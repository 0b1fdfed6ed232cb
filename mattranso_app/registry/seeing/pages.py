"""The pages of figures as the server draws them: fragments of HTML that the page's shell takes in, their wording escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from mattranso_app.core.reporting.coverage import Coverage
from mattranso_app.core.reporting.forms import Cell
from mattranso_app.registry.seeing import downloads, wishes, words
from mattranso_app.registry.service.outliers import FEWEST, MOST_FAR, Outliers
from mattranso_app.registry.service.pivot import Heading, Pivot
from mattranso_app.registry.service.seeing import MissingView, Report, Seen, View, Wish, value_of
from mattranso_app.registry.service.totals import Row
from mattranso_app.registry.text import seeing as text

_environment = Environment(
    loader=PackageLoader("mattranso_app.registry.seeing"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_environment.globals.update(text=text, number=words.number, change=words.change, moment=words.moment)


def render(template: str, **values: Any) -> HTMLResponse:
    """Return a fragment; nobody keeps it, it holds what only its reader may see."""
    return HTMLResponse(_environment.get_template(template).render(**values), headers={"Cache-Control": "no-store"})


def choices(view: View, page: str = wishes.TOTALS) -> dict[str, Any]:
    """Return what the form above the figures offers, with what is chosen."""
    everyone = [(text.EVERYTHING, text.ALL_ORGANISATIONS)] if len(view.allowed) > 1 else []
    levels = [(text.EVERYTHING, text.ALL_LEVELS)] if len(view.level_choices) > 1 else []
    return {
        "page": page,
        "wish": wishes.wish_of(view),
        "forms": view.forms,
        "periods": [(period.key, period.label) for period in view.choices],
        "organisations": [*((code, view.names.get(code, code)) for code in view.allowed), *everyone],
        "maps": text.MAPS,
        "levels": [*((level, text.LEVELS[level]) for level in view.level_choices), *levels],
    }


def totals_page(seen: Seen, reports: Sequence[Report]) -> HTMLResponse:
    """Draw totals: coverage, all cells, one of them unit by unit, and the reports of the place itself."""
    view = seen.view
    wish = wishes.wish_of(view)
    caption = {"period": words.period_words(view.periods), "organisation": words.organisation_words(view), "level": words.level_words(view)}
    return render(
        "totals.html", kept=_kept(view), kinds=_tile_kinds(seen), choices=choices(view),
        ways=ways(wish, wishes.TOTALS), charts=_charts(seen, wish),
        take_cells=_take("chi-tieu", wish), take_lines=_take("theo-don-vi", wish),
        view=view, at=words.moment(seen.at), coverage=_coverage(view, seen.whole.last),
        trail=[(name, wishes.address(wishes.TOTALS, wish, unit=_code(path))) for path, name in seen.trail],
        missing=wishes.address(wishes.TOTALS, wish, xem="con-thieu"),
        by_period=[(_label(view, row.period), _coverage(view, row.last)) for row in seen.by_period],
        cells=[_cell(seen, cell, wish) for cell in view.number_cells],
        mixes_people=len(view.organisations) > 1 and any(cell.indicator.measure == "người" for cell in view.number_cells),
        has_no_sum=any(not cell.indicator.sums_over_units for cell in view.number_cells),
        indicators_title=text.INDICATORS_TITLE.format(unit=view.place.name), indicators_caption=text.INDICATORS_CAPTION.format(**caption),
        by_unit_title=text.BY_UNIT.format(indicator=view.cell.name), by_unit_caption=text.BY_UNIT_CAPTION.format(**caption),
        lines=[_line(seen, row, wish) for row in seen.lines] if len(seen.lines) > 1 else [],
        reports=[_report(view, report) for report in reports],
    )  # fmt: skip


def pivot_page(pivot: Pivot) -> HTMLResponse:
    """Draw a pivot with the choice of its rows and columns."""
    view = pivot.view
    wish = wishes.wish_of(view)
    asked = dict(zip(("dong", "cot", "cot-2"), pivot.sides, strict=False))
    is_deep = len(pivot.sides) > 2
    outer: dict[str, list[Any]] = {}
    for column in pivot.columns:
        outer.setdefault(column[0].key, [column[0].name, 0])[1] += 1

    def href(row: Heading) -> str:
        is_below = row.side == "place" and row.key != view.place.path
        return wishes.address(wishes.PIVOT, wish, unit=_code(row.key), **asked) if is_below else ""

    rows = [
        (row, href(row), words.covered(row.coverage, len(view.organisations)) if row.coverage else "", cells)
        for row, cells in zip(pivot.rows, pivot.cells, strict=True)
    ]
    return render(
        "pivot.html", view=view, kept=[*_kept(view), *asked.items()], kinds=[("pivot", text.TILE_KINDS["pivot"])],
        pivot=pivot, choices=choices(view, wishes.PIVOT), ways=ways(wish, wishes.PIVOT), is_deep=is_deep,
        cells=[(cell.key, cell.name) for cell in view.number_cells], sides=list(text.SIDES.items()),
        more_sides=[("", text.SIDE_NONE), *text.SIDES.items()], outer=list(outer.values()), rows=rows,
        heading=f"{view.place.name}: {' × '.join(text.SIDES[side].lower() for side in pivot.sides)}",
        covered=words.covered(pivot.whole.last, len(view.organisations)), take=_take("bang-xoay", wish, **asked),
    )  # fmt: skip


def outliers_page(outliers: Outliers, is_first: bool) -> HTMLResponse:
    """Draw what is out of line; each line leads to the cell in its report."""
    view = outliers.view
    wish = wishes.wish_of(view)
    last = view.periods[-1]

    def href(code: str, organisation: str, key: str) -> str:
        there = wishes.address(wishes.TOTALS, wish, unit=code, organisation=organisation, first=last.key, last=last.key)
        return f"{there}#o-{key.replace('/', '-')}"

    far = [
        {
            "name": _with_body(view, each.name, each.organisation), "href": href(each.code, each.organisation, each.key),
            "cell": view.definition.cells[each.key].name, "number": words.number(each.number), "before": words.number(each.before),
            "middle": words.number(round(Decimal(str(each.middle)), 2)), "why": text.FAR_KINDS[each.kind],
        }
        for each in outliers.far
    ]  # fmt: skip
    doubts = [
        {
            "name": _with_body(view, each.name, each.organisation), "href": href(each.code, each.organisation, each.key),
            "message": each.message, "explanation": each.explanation,
        }
        for each in outliers.doubts
    ]
    return render(
        "outliers.html", view=view, outliers=outliers, choices=choices(view, wishes.OUTLIERS), ways=ways(wish, wishes.OUTLIERS), far=far,
        doubts=doubts, is_first=is_first, heading=text.FAR_TITLE.format(unit=view.place.name, period=last.label),
        note=text.FAR_NOTE.format(fewest=FEWEST, most=MOST_FAR),
        next=wishes.address(wishes.OUTLIERS, wish, sau=str(outliers.next)) if outliers.next else "",
    )  # fmt: skip


def _with_body(view: View, name: str, organisation: str) -> str:
    return f"{name} — {view.names.get(organisation, organisation)}" if len(view.organisations) > 1 else name


def _kept(view: View) -> list[tuple[str, str]]:
    """Return what a tile keeps of a view: a single period is kept as "the newest"."""
    wish = wishes.wish_of(view)
    return wishes.pairs(wish if len(view.periods) > 1 else replace(wish, first="", last=""))


def _tile_kinds(seen: Seen) -> list[tuple[str, str]]:
    shown = {"total", "units", "chart"} | ({"lines"} if len(seen.view.periods) > 1 else set())
    shown |= {"map"} if seen.view.place.path == "vn/" else set()
    return [(kind, name) for kind, name in text.TILE_KINDS.items() if kind in shown]


def ways(wish: Wish, here: str) -> list[tuple[str, str, bool]]:
    """Return the ways to look at the same figures: words, address, whether it is this one."""
    return [(name, wishes.address(page, wish), page == here) for page, name in wishes.WAYS]


def _take(what: str, wish: Wish, **more: str) -> list[tuple[str, str]]:
    return [(name, wishes.address(f"{wishes.TOTALS}/tai-ve/{what}.{kind}", wish, **more)) for kind, name in text.KINDS.items()]


def _charts(seen: Seen, wish: Wish) -> list[tuple[str, Markup, str, str]]:
    found = []
    for what in text.CHARTS:
        drawn = downloads.draw(seen, what) if what != "theo-don-vi" or seen.view.place.path != "vn/" else None
        if drawn is not None:
            key = text.MAP_KEY if what == "ban-do" else text.CHART_KEY
            found.append((what, drawn, key, wishes.address(f"{wishes.TOTALS}/bieu-do/{what}.svg", wish)))
    return found


def empty_page() -> HTMLResponse:
    """Say that there is nothing to be seen yet."""
    return render("empty.html")


def missing_page(missing: MissingView) -> HTMLResponse:
    """Draw who has not reported: one organisation's units, with the way to the others'."""
    view = missing.view
    wish = wishes.wish_of(view)
    whose = view.organisations[0]
    following = {"xem": "con-thieu", "sau": missing.page.next or ""}
    rows = [
        {
            "name": row.name, "state": text.STATES[row.state] if row.state else text.NOT_BEGUN,
            "href": wishes.address(wishes.TOTALS, wish, unit=row.code, level=row.level, organisation=whose),
        }
        for row in missing.page.items
    ]
    lead = text.MISSING_LEAD.format(
        count=words.number(missing.page.total), organisation=view.names.get(whose, whose), period=view.periods[-1].label
    )
    others = [
        (view.names.get(code, code), wishes.address(wishes.TOTALS, wish, organisation=code, xem="con-thieu")) for code in view.allowed
    ]
    return render(
        "missing.html", rows=rows, lead=lead, view=view, back=wishes.address(wishes.TOTALS, wish), others=others if len(others) > 1 else [],
        whose=view.names.get(whose, whose), place=view.place.name,
        next=wishes.address(wishes.TOTALS, wish, organisation=whose, **following) if missing.page.next else "",
    )  # fmt: skip


def _code(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _label(view: View, key: str | None) -> str:
    return next((period.label for period in view.periods if period.key == key), "")


def _coverage(view: View, coverage: Coverage) -> dict[str, Any]:
    return {
        "words": words.covered(coverage, len(view.organisations)), "share": words.share(coverage), "counts": coverage,
        "missing": words.missing(coverage),
    }  # fmt: skip


def _cell(seen: Seen, cell: Cell, wish: Wish) -> dict[str, Any]:
    view = seen.view
    value, before = (value_of(view.definition, seen.whole, cell.key, is_before) for is_before in (False, True))
    time = text.STOCK_WORD if cell.indicator.over_time == "stock" else text.FLOW_WORD
    return {
        "key": cell.key, "name": cell.label or cell.indicator.name, "is_part": bool(cell.label), "is_chosen": cell.key == view.cell.key,
        "measure": f"{words.measure(view, cell)}, {time}", "value": words.figure(seen.whole.figures[cell.key], value),
        "before": words.number(before), "change": words.change(value, before), "filled": seen.whole.figures[cell.key].filled,
        "href": wishes.address(wishes.TOTALS, wish, cell=cell.key) + "#theo-don-vi",
    }  # fmt: skip


def _line(seen: Seen, row: Row, wish: Wish) -> dict[str, Any]:
    view, key = seen.view, seen.view.cell.key
    value, before = (value_of(view.definition, row, key, is_before) for is_before in (False, True))
    is_place = row.place == view.place.path
    name = row.name if row.is_divided else text.UNDIVIDED.format(unit=row.name)
    return {
        "name": text.ITSELF.format(unit=row.name) if is_place and row.is_divided else name,
        "href": "" if is_place or not row.is_divided else wishes.address(wishes.TOTALS, wish, unit=_code(row.place)),
        "coverage": words.covered(row.last, len(view.organisations)), "counts": row.last,
        "value": words.figure(row.figures[key], value), "before": words.number(before), "change": words.change(value, before),
    }  # fmt: skip


def _report(view: View, report: Report) -> dict[str, Any]:
    row = report.row
    heading = text.REPORT_TITLE.format(unit=view.place.name)
    if len(view.organisations) > 1:
        heading = f"{heading} — {view.names.get(report.organisation, report.organisation)}"
    if row is None:
        return {"heading": heading, "none": text.REPORT_NONE.format(unit=view.place.name)}
    cells = [
        {
            "name": cell.name, "measure": cell.indicator.measure, "value": _written(cell, row["cells"].get(key)),
            "gap": text.GAP.format(reason=row["gaps"][key]) if key in row["gaps"] else "", "id": key.replace("/", "-"),
        }
        for key, cell in view.definition.cells.items()
    ]
    state = text.STATES[row["state"]]
    return {
        "heading": heading, "none": "", "cells": cells,
        "state": text.REPORT_STATE.format(state=state.capitalize(), at=words.full_moment(row["updated_at"])),
        "not_counted": "" if row["state"] in ("submitted", "approved") else text.REPORT_NOT_COUNTED.format(state=state),
        "explanations": list(row["explanations"].values()), "history": [_revision(view, each) for each in report.revisions],
    }  # fmt: skip


def _revision(view: View, row: Any) -> dict[str, Any]:
    cells = view.definition.cells
    return {
        "line": text.HISTORY_LINE.format(
            at=words.full_moment(row["at"]), person=row["person_name"] or text.NOTHING, act=text.ACTS[row["act"]],
            source=text.SOURCES[row["source"]],
        ),
        "reason": text.REASON.format(reason=row["reason"]) if row["reason"] else "",
        "changes": [
            text.CHANGED_FROM.format(
                cell=cells[key].name if key in cells else key, before=_written(cells.get(key), pair[0], text.EMPTY_VALUE),
                after=_written(cells.get(key), pair[1], text.EMPTY_VALUE),
            )
            for key, pair in row["changes"].items()
        ],
    }  # fmt: skip


def _written(cell: Any, value: str | None, nothing: str = text.NOTHING) -> str:
    if value is None:
        return nothing
    if cell is not None and cell.is_number:
        return words.number(Decimal(value))
    options = {option.code: option.name for option in cell.indicator.options} if cell is not None else {}
    return options.get(value, value)
