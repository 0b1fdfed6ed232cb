"""The public list's state: filters live in the address, one page of rows in memory."""

from __future__ import annotations

from urllib.parse import urlencode

import reflex as rx
from pydantic import BaseModel, Field, ValidationError

from mattranso_app.core.access import public
from mattranso_app.core.errors import DomainError
from mattranso_app.core.search import MOST_FOUND
from mattranso_app.petitions import service, text, words
from mattranso_app.units import service as units

PAGE = 20

ADDRESS = "/phan-anh"


class ListAddress(BaseModel):
    """The parameters the list's address may carry; unknown ones are ignored, as browsers and messengers add their own."""

    q: str = Field(default="", max_length=200)
    loai: str = Field(default="", pattern="^(|phan_anh|kien_nghi|cau_hoi)$")
    trang_thai: str = Field(default="", alias="trang-thai", pattern="^(|dang-xu-ly|da-tra-loi)$")
    noi: str = Field(default="", max_length=20)
    tiep: str = Field(default="", max_length=100)

    def filters(self) -> dict[str, str]:
        """Return what narrows the list, by the names in the address; without the place in it."""
        return {name: value for name, value in self.model_dump(by_alias=True).items() if value and name != "tiep"}


def _states(kept: dict[str, str]) -> list[dict[str, str]]:
    """Return the choice of state for a list that `kept` narrows."""
    chosen = kept.get("trang-thai", "")
    return [
        {"words": name, "href": address({**kept, "trang-thai": code}), "current": "true" if code == chosen else "false"}
        for code, name in (("", text.ANY_STATE), *text.PUBLIC_FILTER_STATES.items())
    ]


def address(filters: dict[str, str]) -> str:
    """Return the list's address with `filters`; empty ones are left out."""
    kept = {name: value for name, value in filters.items() if value}
    return f"{ADDRESS}?{urlencode(kept)}" if kept else ADDRESS


class PublicListState(rx.State):
    """What the list shows."""

    items: list[dict[str, str]] = []
    asked: dict[str, str] = {}
    """The form's fields as the address has them; empty until it has been read."""
    states: list[dict[str, str]] = _states({})
    """From the start, so that the page is built with them and nothing below moves."""
    narrowing: list[dict[str, str]] = []
    count_words: str = ""
    next_address: str = ""
    first_address: str = ""
    problem: str = ""
    loaded: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        """Read the page that the address asks for."""
        self.problem, self.next_address, self.first_address = "", "", ""
        try:
            wanted = ListAddress.model_validate(dict(self.router.url.query_parameters))
            await self._fill(wanted)
        except ValidationError:
            self.items, self.problem = [], text.WRONG_VALUE
        except DomainError as error:
            self.items, self.problem = [], error.text
        self.loaded = True

    async def _fill(self, wanted: ListAddress) -> None:
        self._show_filters(wanted, unit="")
        answered = {"dang-xu-ly": False, "da-tra-loi": True}.get(wanted.trang_thai)
        narrowed = await service.public_filter(wanted.noi, wanted.loai or None, answered)
        if wanted.noi:
            self._show_filters(wanted, (await units.get_unit_by_code(wanted.noi)).name)
        if wanted.q.strip():
            offset = int(wanted.tiep) if wanted.tiep.isdecimal() else 0
            rows, total, is_capped = await service.search_public(wanted.q, narrowed, min(offset, MOST_FOUND), PAGE)
            following = str(offset + PAGE) if offset + PAGE < min(total, MOST_FOUND) else ""
        else:
            page = await service.list_public(narrowed, wanted.tiep, PAGE)
            total, is_capped = await service.count_public(narrowed)
            rows, following = page.items, page.next or ""
        self.items = [words.item(row) for row in rows]
        self.count_words = (text.COUNT_CAPPED if is_capped else text.COUNT).format(count=words.number(total))
        kept = wanted.filters()
        if following:
            self.next_address = address({**kept, "tiep": following})
        if wanted.tiep:
            self.first_address = address(kept)

    def _show_filters(self, wanted: ListAddress, unit: str) -> None:
        kept = wanted.filters()
        self.asked = {"q": wanted.q, "loai": wanted.loai, "trang-thai": wanted.trang_thai, "noi": wanted.noi, "noi_text": unit}
        self.states = _states(kept)
        named = {"q": f"“{wanted.q}”", "loai": text.KINDS.get(wanted.loai, ""), "noi": unit or wanted.noi}
        self.narrowing = [
            {"words": words_, "href": address({other: value for other, value in kept.items() if other != name})}
            for name, words_ in named.items() if name in kept
        ]
