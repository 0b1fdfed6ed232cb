"""Figures taken away: the tables of the pages as files and their charts as SVG, within the rights of who asks."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.http import route
from mattranso_app.registry.seeing import charts, wishes, words
from mattranso_app.registry.seeing.charts import Mark
from mattranso_app.registry.seeing.tables import MEDIA_TYPES, MOST_WORD_CELLS, Table, headed, write
from mattranso_app.registry.service import seeing
from mattranso_app.registry.service.pivot import Pivot, see_pivot
from mattranso_app.registry.service.seeing import Seen, View, value_of
from mattranso_app.registry.service.totals import Row
from mattranso_app.registry.text import seeing as text


@route(f"{wishes.TOTALS}/tai-ve/{{what}}.{{kind}}")
@needs(Action.REGISTRY_READ)
async def download(request: Request) -> Response:
    """Send a table: the cells of a place, one cell by unit, or a pivot."""
    actor, what, kind = current_actor(), request.path_params["what"], request.path_params["kind"]
    if what not in text.FILES or kind not in MEDIA_TYPES:
        raise NotFound(text.NO_FILE)
    wish = wishes.read_wish(request.query_params)
    if what == "bang-xoay":
        pivot = await see_pivot(actor, wish, wishes.read_sides(request.query_params))
        table = pivot_table(pivot) if pivot else None
    else:
        seen = await seeing.see_totals(actor, wish)
        table = None if seen is None else units_table(seen) if what == "theo-don-vi" else cells_table(seen)
    if table is None:
        raise NotFound(text.FORM_UNKNOWN)
    if kind == "docx" and len(table.headers) * len(table.rows) > MOST_WORD_CELLS:
        raise InvalidInput(text.WORD_TOO_LARGE)
    data = await asyncio.to_thread(write, table, kind)
    return _sent(data, MEDIA_TYPES[kind], f"{table.title}.{kind}")


@route(f"{wishes.TOTALS}/bieu-do/{{what}}.svg")
@needs(Action.REGISTRY_READ)
async def chart(request: Request) -> Response:
    """Send a chart of one cell: by unit, through the periods, or on the map of the provinces."""
    what = request.path_params["what"]
    if what not in text.CHARTS:
        raise NotFound(text.NO_CHART)
    seen = await seeing.see_totals(current_actor(), wishes.read_wish(request.query_params))
    drawn = draw(seen, what) if seen else None
    if seen is None or drawn is None:
        raise NotFound(text.NO_CHART)
    return _sent(charts.as_file(drawn), "image/svg+xml", f"{seen.view.cell.name}.svg")


def _sent(data: bytes, media_type: str, name: str) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=media_type, headers=headers)


def draw(seen: Seen, what: str) -> Markup | None:
    """Return a chart of the view's cell; None where there is nothing such a chart could show."""
    view = seen.view
    title = text.CHART_TITLES[what].format(indicator=view.cell.name, unit=view.place.name)
    note = headed([*notes(view, seen.whole), text.AT.format(at=words.full_moment(seen.at))])
    if what == "theo-ky":
        periods = {period.key: period.label for period in view.periods}
        marks = [_mark(view, row, periods[row.period or ""]) for row in reversed(seen.by_period)]
        return charts.lines(title, note, marks) if len(marks) > 1 else None
    marks = [_mark(view, row, row.name) for row in seen.lines if row.is_divided and row.place != view.place.path]
    if not any(mark.value is not None for mark in marks):
        return None
    if what == "ban-do":
        return charts.country(title, note, marks) if view.place.path == "vn/" else None
    return charts.bars(title, note, marks)


def _mark(view: View, row: Row, name: str) -> Mark:
    value, before = (value_of(view.definition, row, view.cell.key, is_before) for is_before in (False, True))
    return Mark(name, value, before, row.place.rstrip("/").rpartition("/")[2])


def notes(view: View, whole: Row) -> list[str]:
    """Return what must stand beside figures wherever they go: form, periods, whose, where, coverage."""
    return [
        view.definition.title,
        words.period_words(view.periods),
        headed([view.place.name, words.organisation_words(view), words.level_words(view), text.ON_TODAY if view.on_today else ""]),
        f"{text.COVERAGE}: {words.covered(whole.last, len(view.organisations))}",
    ]


def cells_table(seen: Seen) -> Table:
    """Return all cells of a place with the year before."""
    view = seen.view
    rows = []
    for cell in view.number_cells:
        value, before = (value_of(view.definition, seen.whole, cell.key, is_before) for is_before in (False, True))
        rows.append((cell.name, words.measure(view, cell), value, seen.whole.figures[cell.key].filled, before, _step(value, before)))
    headers = (text.INDICATOR, text.MEASURE, text.VALUE, text.FILLED, text.LAST_YEAR, text.CHANGE)
    return Table(f"{text.TITLE} {view.place.name}", _notes(seen), headers, tuple(rows))


def units_table(seen: Seen) -> Table:
    """Return one cell unit by unit with coverage and the year before."""
    view, key = seen.view, seen.view.cell.key
    rows = []
    for row in seen.lines:
        value, before = (value_of(view.definition, row, key, is_before) for is_before in (False, True))
        name = row.name if row.is_divided else text.UNDIVIDED.format(unit=row.name)
        told = row.last
        rows.append((name, value, told.reports, told.expected, told.late, told.amended, told.approved, before, _step(value, before)))
    headers = (
        text.UNIT, f"{view.cell.name} ({words.measure(view, view.cell)})", text.REPORTS, text.EXPECTED, text.LATE, text.AMENDED,
        text.APPROVED, text.LAST_YEAR, text.CHANGE,
    )  # fmt: skip
    return Table(view.cell.name, _notes(seen), headers, tuple(rows))


def pivot_table(pivot: Pivot) -> Table:
    """Return a pivot with a heading per column."""
    has_coverage = any(row.coverage for row in pivot.rows)
    headers = [text.SIDES[pivot.sides[0]], *([text.COVERAGE] if has_coverage else [])]
    headers += [headed([each.name for each in column]) for column in pivot.columns]
    rows = []
    for row, cells in zip(pivot.rows, pivot.cells, strict=True):
        told = [words.covered(row.coverage, len(pivot.view.organisations)) if row.coverage else ""] if has_coverage else []
        rows.append((row.name, *told, *cells))
    if pivot.sums is not None:
        rows.append((text.SUM, *([""] if has_coverage else []), *pivot.sums))
    told_notes = [*notes(pivot.view, pivot.whole), text.AT.format(at=words.full_moment(pivot.at))]
    return Table(text.PIVOT_TITLE, tuple(told_notes), tuple(headers), tuple(rows))


def _step(value: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if value is None or before is None else value - before


def _notes(seen: Seen) -> tuple[str, ...]:
    return (*notes(seen.view, seen.whole), text.AT.format(at=words.full_moment(seen.at)))
