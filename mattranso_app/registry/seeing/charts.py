"""Charts as SVG, drawn here: readable by everyone (title, description, a figure at every mark), by pattern as well as by colour.

Inside a page the colours are the house's, light and dark; in a file of its own the same names have values beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from markupsafe import Markup, escape

from mattranso_app.registry.seeing import grid
from mattranso_app.registry.seeing.words import number
from mattranso_app.registry.text import seeing as text

MOST_BARS = 40
_INK, _SOFT, _TONE, _LINE, _CARD = (
    "var(--ink,#1d2126)", "var(--ink-2,#4d555f)", "var(--ok,#0b6254)", "var(--line,#e3ddd3)", "var(--card,#ffffff)",
)  # fmt: skip
_FONT = "font-family=\"'Be Vietnam Pro',system-ui,sans-serif\""
_HATCH = "gach-cheo"
_STEPS = ("0.10", "0.22", "0.34", "0.46")


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing a chart shows: its name, its figure now and a year earlier; None for none."""

    name: str
    value: Decimal | None
    before: Decimal | None = None
    code: str = ""


def bars(title: str, note: str, marks: Sequence[Mark]) -> Markup:
    """Return bars from the greatest down, at most 40; a year earlier as a hatched bar below each."""
    ranked = sorted((mark for mark in marks if mark.value is not None), key=lambda mark: (-(mark.value or 0), mark.name))[:MOST_BARS]
    has_before = any(mark.before is not None for mark in ranked)
    step, width, left, room = (44 if has_before else 30), 720, 230, 340
    sizes = [abs(value) for mark in ranked for value in (mark.value, mark.before) if value is not None]
    most = max(sizes, default=Decimal(0)) or Decimal(1)
    parts = []
    for at, mark in enumerate(ranked):
        top = at * step + 4
        parts.append(_text(left - 10, top + 15, _shortened(mark.name), anchor="end"))
        length = _length(mark.value, most, room)
        parts.append(f'<rect x="{left}" y="{top + 2}" width="{length}" height="16" fill="{_TONE}"/>')
        parts.append(_text(left + length + 8, top + 15, number(mark.value), weight=600))
        if mark.before is not None:
            parts.append(_hatched(left, top + 20, _length(mark.before, most, room), 10))
    return _svg(title, note, width, max(1, len(ranked)) * step + 10, parts)


def lines(title: str, note: str, marks: Sequence[Mark]) -> Markup:
    """Return a line through the periods in the order given; a year earlier as a dashed one."""
    width, height, left, right, top, bottom = 720, 280, 20, 20, 40, 46
    values = [value for mark in marks for value in (mark.value, mark.before) if value is not None]
    most, least = max(values, default=Decimal(1)), min([*values, Decimal(0)])
    step = (width - left - right) / max(1, len(marks) - 1)

    def place(at: int, value: Decimal) -> tuple[float, float]:
        share = float((value - least) / (most - least)) if most != least else 0.0
        return round(left + at * step, 1), round(height - bottom - share * (height - bottom - top), 1)

    parts = [f'<line x1="{left}" y1="{height - bottom}" x2="{width - right}" y2="{height - bottom}" stroke="{_LINE}"/>']
    for is_before in (True, False):
        found = [(at, mark.before if is_before else mark.value) for at, mark in enumerate(marks)]
        points = [(at, place(at, value), value) for at, value in found if value is not None]
        path = " ".join(f"{x},{y}" for _, (x, y), _ in points)
        look = f'stroke="{_SOFT}" stroke-dasharray="6 5"' if is_before else f'stroke="{_TONE}"'
        parts.append(f'<polyline points="{path}" fill="none" stroke-width="2.5" {look}/>')
        seldom = max(1, len(marks) // 12)
        for at, (x, y), value in points:
            if is_before:
                continue
            parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{_TONE}"/>')
            if at % seldom == 0 or at == len(marks) - 1:
                parts.append(_text(x, y - 10, number(value), anchor=_anchor(at, len(marks)), weight=600))
    every = max(1, -(-len(marks) // 6))
    for at, mark in enumerate(marks):
        if at % every == 0:
            parts.append(_text(left + at * step, height - bottom + 22, mark.name, anchor=_anchor(at, len(marks)), tone=_SOFT))
    return _svg(title, note, width, height, parts)


def country(title: str, note: str, marks: Sequence[Mark]) -> Markup:
    """Return the provinces on their grid, the greater the darker, each with its figure; hatched where there is none."""
    wide, high, gap = 174, 50, 4
    by_code = {mark.code: mark for mark in marks}
    ranked = sorted(mark.value for mark in marks if mark.value is not None and mark.code in grid.PLACES)
    parts = []
    for code, (column, row) in grid.PLACES.items():
        mark = by_code.get(code)
        x, y = column * (wide + gap), row * (high + gap)
        if mark is None or mark.value is None:
            parts.append(_hatched(x, y, wide, high))
        else:
            step = min(3, 4 * sum(value < mark.value for value in ranked) // max(1, len(ranked)))
            parts.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="6" fill="{_TONE}" fill-opacity="{_STEPS[step]}"/>')
        name = mark.name if mark else code
        for prefix in ("Tỉnh ", "Thành phố "):
            name = name.removeprefix(prefix)
        parts.append(_text(x + 10, y + 20, name, weight=600))
        parts.append(_text(x + 10, y + 40, number(mark.value if mark else None)))
    return _svg(title, note, grid.COLUMNS * (wide + gap) - gap, grid.ROWS * (high + gap) - gap, parts)


def as_file(chart: Markup) -> bytes:
    """Return a chart as a file of its own, on a ground of its own."""
    ground = '<rect width="100%" height="100%" fill="#ffffff"/>'
    head, _, rest = str(chart).partition("</desc>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}</desc>{ground}{rest}'.encode()


def _svg(title: str, note: str, width: float, height: float, parts: Sequence[str]) -> Markup:
    # Several charts stand on one page: each has its pattern under a name of its own.
    name = f"gach-{crc32(title.encode()):x}"
    hatch = (
        f'<defs><pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="{_CARD}"/><line x1="0" y1="0" x2="0" y2="6" stroke="{_SOFT}" stroke-width="2"/></pattern></defs>'
    )
    return Markup(  # noqa: S704 - every word in it was escaped where it was put in
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" {_FONT} font-size="13.5">'
        f"<title>{escape(title)}</title><desc>{escape(note)}</desc>{hatch}{''.join(parts).replace(_HATCH, name)}</svg>"
    )


def _hatched(x: float, y: float, width: float, height: float) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="url(#{_HATCH})" stroke="{_SOFT}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start", weight: int = 400, tone: str = _INK) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}" fill="{tone}">{escape(words)}</text>'


def _anchor(at: int, count: int) -> str:
    return "start" if at == 0 else "end" if at == count - 1 else "middle"


def _length(value: Decimal | None, most: Decimal, room: int) -> float:
    return round(max(1.0, float(abs(value or Decimal(0)) / most) * room), 1)


def _shortened(name: str) -> str:
    return name if len(name) <= 30 else name[:29] + text.CUT
