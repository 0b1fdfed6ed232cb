"""A report's life as a machine: whatever is tried in whatever order, on whatever day, the verbs and a small model agree."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core import clock, db
from mattranso_app.core.errors import DomainError
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.core.sql import sql
from mattranso_app.registry.service import approve_reports, reopen_report, return_report, save_reports, submit_report
from tests.core.reporting.factories import enterer, make_form

FULL = {"hoi_vien/nam": "1", "hoi_vien/nu": "2", "cuoc": "3"}
ACTS = st.lists(st.sampled_from(["save", "submit", "return", "approve", "reopen", "days"]), min_size=3, max_size=9)
PERIODS = iter([f"{year}-Q{quarter}" for year in range(2026, 2090) for quarter in range(1, 5)])
MONTH = 31
"""Days by which the clock goes on: past the day of locking in one step."""


class Model:
    """What the brief says: state, whether locked, how often amended, whether late."""

    def __init__(self) -> None:
        self.state, self.days, self.amendments, self.was_sent, self.is_reopened, self.exists = "draft", 0, 0, False, False, False

    @property
    def is_locked(self) -> bool:
        return self.days >= MONTH and not self.is_reopened and self.state != "returned"

    def may(self, act: str) -> bool:
        """Return whether the act is to succeed."""
        if act in ("save", "submit"):
            allowed = self.state in ("draft", "submitted", "returned") if act == "save" else self.state in ("draft", "returned")
            return allowed and not self.is_locked
        wanted = {"return": ("submitted",), "approve": ("submitted",), "reopen": ("approved", "draft")}[act]
        return self.exists and self.state in wanted

    def do(self, act: str) -> None:
        """Take the step."""
        if act == "save":
            self.exists, self.amendments = True, self.amendments + (self.state == "submitted")
        elif act == "submit":
            self.amendments += self.was_sent
            self.state, self.was_sent = "submitted", True
        elif act == "reopen":
            self.is_reopened = True
            self.state = "returned" if self.state == "approved" else "draft"
        else:
            self.state = {"return": "returned", "approve": "approved"}[act]


@pytest.fixture
async def place(filled_database):
    """A commune, who enters there, who decides above."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form(from_period="2026-Q1", lock_days=6)
    async with db.reading() as session:
        row = (await session.execute(sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' LIMIT 1"))).one()
    yield row.code, await enterer(row.path), await enterer("vn/01/", "mttq", "approver")
    clock.freeze(None)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
async def test_the_verbs_do_what_the_model_says(place, acts: list[str]) -> None:
    code, officer, above = place
    period, model, count = next(PERIODS), Model(), 0
    what = ("thu", period, "mttq")
    start = datetime.combine(parse_period(period).end, time(3), UTC) + timedelta(days=1)
    clock.freeze(start)
    verbs = {
        "save": lambda: save_reports(officer, *what, {code: FULL | {"cuoc": str(count)}}, Source.FORM, reason="Sửa"),
        "submit": lambda: submit_report(officer, *what, code, Source.FORM, gaps=dict.fromkeys(FULL, "Chưa có")),
        "return": lambda: return_report(above, *what, code, "Xem lại"),
        "approve": lambda: approve_reports(above, *what, [code]),
        "reopen": lambda: reopen_report(above, *what, code, "Xin sửa"),
    }
    for act in acts:
        count += 1
        if act == "days":
            model.days += MONTH
            clock.freeze(start + timedelta(days=model.days))
            continue
        wanted = model.may(act)
        try:
            await verbs[act]()
            done = True
        except DomainError:
            done = False
        assert done == wanted, (act, model.__dict__)
        if done:
            if act == "submit":
                model.exists = True
            model.do(act)
        async with db.reading() as session:
            found = await session.execute(
                sql("SELECT state, amendments, numbers IS NOT NULL AS counts FROM reporting_report WHERE period = :period"),
                {"period": period},
            )
            row = found.one_or_none()
        if row is not None and model.exists:
            assert (row.state, row.amendments, row.counts) == (
                model.state, model.amendments, model.state in ("submitted", "approved")
            ), act  # fmt: skip
