"""The forms that come with the platform: publishable, marked as samples, put in once; demonstration figures that hold together."""

from __future__ import annotations

import pytest

from mattranso_app.core import db
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.checks import parse_checks
from mattranso_app.core.reporting.expressions import Cell, check_references
from mattranso_app.core.sql import sql
from mattranso_app.registry.demo import seed_demo
from mattranso_app.registry.ready_forms import ready_catalogue, ready_forms, seed_ready_forms


async def one(statement: str):
    async with db.reading() as session:
        return (await session.execute(sql(statement))).scalar_one()


def test_every_kind_of_period_and_every_level_has_a_form():
    forms = {form.code: form.definition for form in ready_forms()}
    assert {form.period_kind for form in forms.values()} == {"week", "month", "quarter", "half", "year", "term"}
    assert {level for form in forms.values() for level in form.levels} == {"central", "province", "commune", "group"}
    assert len(list(forms["to_dan_pho"].indicators)) <= 8
    for form in forms.values():
        assert form.basis.startswith("Mẫu tham khảo")
        checks = parse_checks(form.checks)
        assert checks
        for check in checks:
            check_references(check.expression, {Cell(key) for key in form.cells}, ())
            assert set(check.cells) <= form.cells.keys()


def test_memberships_and_people_are_two_indicators():
    measures = {code: each["indicator"].get("measure") for code, each in ready_catalogue().items()}
    assert (measures["hoi_vien_nguoi"], measures["hoi_vien_luot"]) == ("người", "lượt")
    assert (measures["nguoi_tham_gia"], measures["luot_tham_gia"]) == ("người", "lượt")


@pytest.mark.parametrize("published", [True, False])
async def test_seeded_once(filled_database, published):
    assert await seed_ready_forms(published) is True
    assert await seed_ready_forms(published) is False
    async with db.reading() as session:
        assert len(await store.fetch_newest_versions(session, "registry")) == (len(ready_forms()) if published else 0)
    assert await one("SELECT count(*) FROM reporting_form WHERE draft IS NULL") == (len(ready_forms()) if published else 0)
    assert await one("SELECT count(*) FROM reporting_indicator") == len(ready_catalogue())


async def test_demonstration_figures_are_of_every_sort(filled_database):
    await seed_ready_forms(published=True)
    assert await seed_demo() is True
    assert await seed_demo() is False
    async with db.reading() as session:
        states = {row.state for row in await session.execute(sql("SELECT DISTINCT state FROM reporting_report"))}
    assert states == {"draft", "submitted", "returned", "approved"}
    assert await one("SELECT count(*) FROM reporting_report WHERE is_late") > 0
    assert await one("SELECT count(*) FROM reporting_report WHERE amendments > 0") > 0
    assert await one("SELECT count(*) FROM reporting_revision WHERE source <> 'seed' AND act IN ('save', 'submit', 'amend')") == 0
    assert await one("SELECT max(at) <= now() FROM audit_log") is True
