"""A person is forgotten in reports: what was done stays, who did it goes, in every table that names a person."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from mattranso_app.core import clock, db, personal_data
from mattranso_app.core.personal_data import Identifiers
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry import own_data
from mattranso_app.registry.service import save_reports, submit_report
from tests.core.reporting.factories import enterer, make_form

WHAT = ("thu", "2026-Q3", "mttq")
ELSEWHERE = {("reporting_form_version", "published_by"), ("reporting_dashboard", "person_id")}
"""Frozen, so that the bare id stays (see the module); dashboards have a holder of their own, which deletes them."""


@pytest.fixture
async def officer(filled_database):
    """An officer who has handed up a report of his commune."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form()
    async with db.reading() as session:
        row = (await session.execute(sql("SELECT code, path FROM unit WHERE level = 'commune' ORDER BY code LIMIT 1"))).one()
    actor = await enterer(row.path)
    await save_reports(actor, *WHAT, {row.code: {"hoi_vien/nam": "1", "hoi_vien/nu": "2", "cuoc": "3"}}, Source.FORM)
    await submit_report(actor, *WHAT, row.code, Source.FORM)
    yield actor
    clock.freeze(None)


async def test_what_was_done_stays_and_who_did_it_goes(officer):
    holder = next(each for each in personal_data.holders() if each.name == "registry")
    assert holder.erase is own_data._erase
    async with db.transaction() as session:
        (section,) = await holder.collect(session, officer.person_id, 10, True)
        assert [row["act"] for row in section.rows] == ["Gửi báo cáo", "Nhập số"]
        assert await holder.erase(session, officer.person_id, Identifiers()) == 3
        assert await holder.erase(session, uuid4(), Identifiers()) == 0
    async with db.reading() as session:
        rows = (await session.execute(sql("SELECT act, person_id, person_name FROM reporting_revision ORDER BY revision"))).all()
        assert [tuple(row) for row in rows] == [("save", None, ""), ("submit", None, "")]


async def test_every_column_that_names_a_person_is_forgotten(filled_database):
    async with db.reading() as session:
        columns = await session.execute(
            sql(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'reporting\\_%' "
                "AND data_type = 'uuid' AND (column_name LIKE '%\\_by' OR column_name = 'person_id')"
            )
        )
        found = {tuple(row) for row in columns}
    assert len(found) >= 9
    said = " ".join(own_data._FORGET)
    missing = {(table, column) for table, column in found - ELSEWHERE if f"UPDATE {table} " not in said or f"{column} = NULL" not in said}
    assert missing == set()
