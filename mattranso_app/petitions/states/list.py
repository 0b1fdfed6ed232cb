"""The public list's state: filters live in the address, one page of rows in memory."""

from __future__ import annotations

from urllib.parse import urlencode

import reflex as rx
from pydantic import BaseModel, Field, ValidationError

from mattranso_app.core.access import public
from mattranso_app.core.errors import DomainError
from mattranso_app.petitions import service, text, words

PAGE = 20
MOST_FOUND = 1_000
"""How deep a search goes, as with every large engine; the list without words has no such end."""


class ListAddress(BaseModel):
    """The parameters the list's address may carry; unknown ones are ignored, as browsers and messengers add their own."""

    q: str = Field(default="", max_length=200)
    loai: str = Field(default="", pattern="^(|phan_anh|kien_nghi|cau_hoi)$")
    trang_thai: str = Field(default="", alias="trang-thai", pattern="^(|dang-xu-ly|da-tra-loi)$")
    noi: str = Field(default="", max_length=20)
    tiep: str = Field(default="", max_length=100)


class PublicListState(rx.State):
    """What the list shows."""

    items: list[dict[str, str]] = []
    query: str = ""
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
        self.query = wanted.q
        answered = {"dang-xu-ly": False, "da-tra-loi": True}.get(wanted.trang_thai)
        narrowed = await service.public_filter(wanted.noi, wanted.loai or None, answered)
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
        kept = {name: value for name, value in wanted.model_dump(by_alias=True).items() if value and name != "tiep"}
        if following:
            self.next_address = f"/phan-anh?{urlencode({**kept, 'tiep': following})}"
        if wanted.tiep:
            self.first_address = f"/phan-anh?{urlencode(kept)}" if kept else "/phan-anh"
