"""What stands in the address of a page of figures, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from mattranso_app.registry.service.pivot import Side
from mattranso_app.registry.service.seeing import View, Wish
from mattranso_app.registry.text import seeing as text

TOTALS = "/csdl/tong-hop"
PIVOT = "/csdl/tong-hop/bang-xoay"
OUTLIERS = "/csdl/tong-hop/bat-thuong"
DASHBOARDS = "/csdl/tong-hop/bang-theo-doi"

WAYS = ((TOTALS, text.TITLE), (PIVOT, text.PIVOT_TITLE), (OUTLIERS, text.OUTLIERS_TITLE), (DASHBOARDS, text.DASHBOARDS_TITLE))
"""Address and name of each way to look at the same figures."""

_NAMES = {
    "form": "bieu", "first": "tu", "last": "den", "organisation": "to-chuc", "level": "cap", "unit": "don-vi", "cell": "chi-tieu",
    "map": "dia-gioi",
}  # fmt: skip


def read_wish(asked: Mapping[str, str]) -> Wish:
    """Return what an address asks for."""
    return Wish(**{name: asked.get(said, "")[:80] for name, said in _NAMES.items()})


def wish_of(view: View) -> Wish:
    """Return the wish that leads to a view again, nothing left to be chosen."""
    everyone = len(view.organisations) > 1
    return Wish(
        view.version.code, view.periods[0].key, view.periods[-1].key, text.EVERYTHING if everyone else view.organisations[0],
        text.EVERYTHING if len(view.levels) > 1 else view.levels[0], view.place.code, view.cell.key,
        text.TODAY if view.on_today else "",
    )  # fmt: skip


def pairs(wish: Wish) -> list[tuple[str, str]]:
    """Return a wish as the fields of a form."""
    return [(said, getattr(wish, name)) for name, said in _NAMES.items() if getattr(wish, name)]


def query(wish: Wish, **changed: str) -> str:
    """Return a wish as the query of an address, with some of it changed; further names go along as they are."""
    values = {said: changed.pop(name, getattr(wish, name)) for name, said in _NAMES.items()}
    return urlencode({name: value for name, value in {**values, **changed}.items() if value})


def address(page: str, wish: Wish, **changed: str) -> str:
    """Return the address of a page for a wish, see `query`."""
    return f"{page}?{query(wish, **changed)}"


def read_sides(asked: Mapping[str, str]) -> tuple[Side, ...]:
    """Return what rows and columns a pivot's address asks for; what it does not know are units by indicators."""
    names = [asked.get(name, usual) for name, usual in (("dong", "place"), ("cot", "cell"), ("cot-2", ""))]
    return tuple(name for name in names if name in text.SIDES)  # type: ignore[misc]
