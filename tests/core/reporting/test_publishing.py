"""Forms and their versions: what is refused, what stays, slots that never change."""

from __future__ import annotations

import copy

import psycopg
import pytest

from mattranso_app.core import db as database
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import Conflict, InvalidInput
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.core.reporting.publishing import publish, read_definition
from tests.core.reporting.factories import make_form, small_form


def changed(which, **keys):
    form = copy.deepcopy(small_form())
    for section in form["sections"]:
        for indicator in section["indicators"]:
            if indicator["code"] == which:
                indicator.update(keys)
    return form


CHECK = {
    "name": "du_nguoi", "severity": "hard", "message": "Uỷ viên không nhiều hơn hội viên.",
    "expression": {"<=": [{"cell": "uy_vien"}, {"cell": "hoi_vien"}]},
}  # fmt: skip
BAD = {
    "no measure": (changed("cuoc", measure=""), "đơn vị tính"),
    "neither stock nor flow": (changed("cuoc", over_time=None), "cách cộng theo thời gian"),
    "an unknown category": (changed("cuoc", categories=["tuoi"]), "tuoi"),
    "overlapping crossed": (changed("uy_vien", categories=["trong_do", "gioi"]), "đứng riêng"),
    "words broken down": (changed("kho_khan", categories=["gioi"]), "chỉ số mới chia nhóm"),
    "the same indicator twice": (changed("cuoc", code="uy_vien"), "hai lần"),
    "a choice without options": (changed("kho_khan", type="choice"), "ít nhất một lựa chọn"),
    "a formula in a circle": (changed("ty_le", formula={"+": [{"cell": "ty_le"}, 1]}), "Tỷ lệ nữ"),
    "a formula of two measures": (changed("ty_le", formula={"+": [{"cell": "hoi_vien"}, {"cell": "cuoc"}]}), ""),
    "a formula of no cell's": (small_form(checks=[CHECK | {"cells": ["khong_co"]}]), "du_nguoi"),
    "a check of two measures": (small_form(checks=[CHECK | {"expression": {">": [{"cell": "hoi_vien"}, {"cell": "cuoc"}]}}]), ""),
    "two checks of one name": (small_form(checks=[CHECK, CHECK]), "du_nguoi"),
    "no section": (small_form(sections=[]), "sections"),
    "an unknown key": (small_form(colour="red"), "colour"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_form(case):
    data, words = BAD[case]
    with pytest.raises(InvalidInput) as refused:
        read_definition(data)
    assert words in refused.value.text


def test_too_many_cells():
    options = [{"code": f"o{n}", "name": f"Lựa chọn {n}"} for n in range(40)]
    categories = [{"code": "a", "name": "A", "options": options}, {"code": "b", "name": "B", "options": options}]
    form = changed("cuoc", categories=["a", "b"]) | {"categories": [*small_form()["categories"], *categories]}
    with pytest.raises(InvalidInput, match="1601|160"):
        read_definition(form)


def test_cells_in_the_order_of_the_form():
    cells = read_definition(small_form()).cells
    assert list(cells) == [
        "hoi_vien", "hoi_vien/nam", "hoi_vien/nu", "uy_vien", "uy_vien/dan_toc", "uy_vien/ton_giao", "cuoc", "ty_le", "kho_khan",
    ]  # fmt: skip
    assert [key for key, cell in cells.items() if cell.is_computed] == ["hoi_vien", "ty_le"]


async def test_a_next_version_keeps_slots_and_earlier_periods(db):
    form_id = await make_form()
    second = changed("cuoc", name="Cuộc giám sát, phản biện")
    second["sections"][1]["indicators"].insert(0, {"code": "moi", "name": "Mới", "measure": "cuộc", "over_time": "flow"})
    async with transaction() as session:
        assert await publish(session, "registry", "thu", "vn/", read_definition(second), "2026-Q3") == form_id
    async with database.reading() as session:
        first, later = await store.fetch_versions(session, form_id)
        before = await store.fetch_version(session, form_id, parse_period("2026-Q2").start)
        after = await store.fetch_version(session, form_id, parse_period("2026-Q3").start)
        assert await store.fetch_version(session, form_id, parse_period("2024-Q4").start) is None
    assert before == first and after == later and before.definition.cells["cuoc"].name == "Cuộc giám sát"
    assert sorted(later.slots.values()) == list(range(1, 10)) and later.slots["moi"] == 9 and first.slots["cuoc"] == later.slots["cuoc"]


@pytest.mark.parametrize(
    ("definition", "period", "error"),
    [
        (small_form(), "2025-Q1", Conflict), (small_form(), "2024-Q4", Conflict), (small_form(), "2026-01", InvalidInput),
        (small_form(period_kind="month"), "2026-01", InvalidInput), (changed("cuoc", over_time="stock"), "2026-Q1", InvalidInput),
        (changed("cuoc", measure="lượt"), "2026-Q1", InvalidInput), (changed("cuoc", sums_over_units=False), "2026-Q1", InvalidInput),
    ],
)  # fmt: skip
async def test_what_a_next_version_may_not_do(db, definition, period, error):
    await make_form()
    with pytest.raises(error):
        async with transaction() as session:
            await publish(session, "registry", "thu", "vn/", read_definition(definition), period)


async def test_the_database_keeps_versions_and_slots(db, owner_url):
    await make_form()
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection:
        for change in ("UPDATE reporting_form_version SET definition = '{}'", "DELETE FROM reporting_slot"):
            with pytest.raises(psycopg.DatabaseError, match="do not change"):
                await connection.execute(change)


async def test_references_beyond_the_form_must_be_there(db):
    missing = {"expression": {"<=": [{"cell": "cuoc"}, {"cell": "cuoc", "form": "khac"}]}}
    with pytest.raises(InvalidInput, match="khac"):
        await make_form(checks=[CHECK | missing])
    with pytest.raises(InvalidInput, match="dân"):
        await make_form(checks=[CHECK | {"expression": {"<=": [{"cell": "cuoc"}, {"known": "dân"}]}}])
    await make_form("khac")
    await make_form(checks=[CHECK | missing])


async def test_formulas_of_two_forms_go_in_no_circle(db):
    def asking(form):
        return changed("ty_le", formula={"+": [{"cell": "ty_le", "form": form}, 1]})

    await make_form("a")
    await make_form("b", **asking("a"))
    async with transaction() as session:
        with pytest.raises(InvalidInput, match="Tỷ lệ nữ"):
            await publish(session, "registry", "a", "vn/", read_definition(asking("b")), "2026-Q1")
