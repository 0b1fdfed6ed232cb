"""The sheet of residential groups over plain HTTP: looked at first, written whole or not at all, for the unit's administrator."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from openpyxl import Workbook, load_workbook

from mattranso_app import rooms
from mattranso_app.core import live
from mattranso_app.identity import cookies
from mattranso_app.units import text
from mattranso_app.units.groups_sheet import LARGEST_SHEET
from tests.identity.factories import make_officer, sign_in
from tests.petitions.factories import COMMUNE, NEIGHBOUR, PROVINCE, browser, count, make_country

EXCEL, TEMPLATE = "/don-vi/to-dan-pho/excel", "/don-vi/to-dan-pho/mau.xlsx"


@pytest.fixture
async def country(db: str) -> AsyncIterator[dict[str, int]]:
    """Ids of a small country's units by code."""
    rooms.register()
    yield await make_country()
    await live.stop()


def sheet(*rows: tuple[str, str]) -> bytes:
    """Return a filled sheet."""
    book, stream = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (("Loại", "Tên"), *rows):
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


async def signed_in(name: str, unit_id: int, role: str = "administrator", organisation: str = "mttq") -> str:
    """Return the cookie of an officer."""
    await make_officer(name, unit_id, role, organisation)
    return f"{cookies.SESSION}={(await sign_in(name))[0]}"


async def groups() -> int:
    """Return how many groups there are."""
    return await count("unit", "level = 'group'")


async def test_a_sheet_is_looked_at_then_written_whole_and_comes_back_filled(country: dict[str, int]) -> None:
    cookie = await signed_in("quan.tri", country[COMMUNE])
    good, faulty = sheet(("Tổ dân phố", "12"), ("", "Khu phố 5")), sheet(("Tổ dân phố", "13"), ("Huyện", "Mười bốn"))
    async with browser(cookie=cookie) as client:
        seen = await client.post(EXCEL, data={"xa": COMMUNE}, files={"file": ("to.xlsx", good)})
        assert (seen.status_code, seen.json()["new"], seen.json()["faults"], await groups()) == (200, 2, 0, 0)
        seen = await client.post(EXCEL, data={"xa": COMMUNE}, files={"file": ("to.xlsx", faulty)})
        assert (seen.json()["new"], seen.json()["faults"]) == (1, 1)
        refused = await client.post(EXCEL, data={"xa": COMMUNE, "ghi": "1"}, files={"file": ("to.xlsx", faulty)})
        assert (refused.status_code, await groups()) == (422, 0), "one wrong row and none is written"
        done = await client.post(EXCEL, data={"xa": COMMUNE, "ghi": "1"}, files={"file": ("to.xlsx", good)})
        assert (done.json(), await groups()) == ({"added": 2}, 2)
        again = await client.post(EXCEL, data={"xa": COMMUNE, "ghi": "1"}, files={"file": ("to.xlsx", good)})
        assert (again.json(), await groups()) == ({"added": 0}, 2)
        filled = await client.get(TEMPLATE, params={"xa": COMMUNE})
    assert filled.headers["cache-control"] == "no-store"
    names = [row[1].value for row in load_workbook(io.BytesIO(filled.content)).worksheets[0].iter_rows(min_row=2)]
    assert names == ["Khu phố 5", "Tổ dân phố 12"]


async def test_what_cannot_be_read_and_whose_it_is_not_is_refused_with_words(country: dict[str, int]) -> None:
    own, neighbour = await signed_in("quan.tri", country[COMMUNE]), await signed_in("lang.gieng", country[NEIGHBOUR])
    union = await signed_in("cong.doan", country[COMMUNE], organisation="cong_doan")
    handler = await signed_in("xu.ly", country[COMMUNE], "handler")
    good = sheet(("Tổ dân phố", "12"))
    sent = [
        (own, COMMUNE, b"khong phai bang", 415), (own, COMMUNE, b"", 415), (own, COMMUNE, b"P" * (LARGEST_SHEET + 1), 413),
        (own, "khongco", good, 404), (own, PROVINCE, good, 404), (neighbour, COMMUNE, good, 403), (union, COMMUNE, good, 403),
        (handler, COMMUNE, good, 403), ("", COMMUNE, good, 401),
    ]
    for cookie, commune, data, status in sent:
        async with browser(cookie=cookie) as client:
            for writing in ("", "1"):
                answer = await client.post(EXCEL, data={"xa": commune, "ghi": writing}, files={"file": ("to.xlsx", data)})
                assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), (commune, data[:10], answer.text)
    async with browser(cookie=own) as client:
        nothing = await client.post(EXCEL, data={"xa": COMMUNE}, files={"other": ("to.xlsx", good)})
        assert (nothing.status_code, nothing.json()["fields"]["file"]) == (422, text.FILE_MISSING)
    async with browser(cookie=union) as client:
        assert (await client.get(TEMPLATE, params={"xa": COMMUNE})).status_code == 403
    assert await groups() == 0
