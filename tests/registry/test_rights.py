"""Who reads, enters and decides on a commune's figures: role × unit × organisation × every verb, against a table written by hand.

Whoever is not let in gets a refusal of rights, whoever is may fail for another reason (a report approved already): both are told
apart by the kind of the error alone.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.access import Actor, Role
from mattranso_app.core.errors import DomainError, Forbidden, SignInRequired
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry import service
from mattranso_app.registry.service.outliers import see_outliers
from mattranso_app.registry.service.pivot import see_pivot
from mattranso_app.registry.service.reading import get_report
from mattranso_app.registry.service.seeing import Wish, see_missing, see_totals
from mattranso_app.registry.service.sheets import SentSheet, template_sheet, write_sheets
from mattranso_app.registry.service.totals import Question, get_totals, list_missing, list_sources
from tests.core.reporting.factories import enterer, make_form
from tests.registry.test_sheets import change

FORM, PERIOD = "thu", "2026-Q3"
UNITS = ("own commune", "its province", "central", "its sibling", "a commune elsewhere", "another province")
ORGANISATIONS = ("mttq", "phu_nu", "cong_doan")
FULL = {"hoi_vien/nam": "5", "hoi_vien/nu": "6", "cuoc": "1"}
REASON = "Xem lại số liệu"

Call = Callable[[Actor], Awaitable[object]]


def reads(role: str, unit: str, whose: str, mine: str) -> bool:
    """Readers, handlers and approvers of the unit and above see their own organisation's figures; those of Mặt trận all."""
    return role != "administrator" and unit in UNITS[:3] and mine in (whose, "mttq")


def enters(role: str, unit: str, whose: str, mine: str) -> bool:
    """Handlers of the unit and above, for their own organisation alone."""
    return role == "handler" and unit in UNITS[:3] and mine == whose


def decides(role: str, unit: str, whose: str, mine: str) -> bool:
    """Approvers above the unit, for their own organisation; those of Mặt trận for all."""
    return role == "approver" and unit in UNITS[1:3] and mine in (whose, "mttq")


def calls(code: str, path: str, whose: str) -> dict[str, tuple[Callable[[str, str, str, str], bool], Call]]:
    """Return every verb about the figures of `whose` at the commune, with who is let in."""
    what = (FORM, PERIOD, whose)
    wish = Wish(FORM, PERIOD, PERIOD, whose, unit=code)
    question = Question(FORM, PERIOD, PERIOD, (whose,), path, ("cuoc",))
    return {
        "open_report": (reads, lambda a: service.open_report(a, *what, code)),
        "read_cell": (reads, lambda a: service.read_cell(a, *what, code, "cuoc")),
        "comment_cell": (reads, lambda a: service.comment_cell(a, *what, code, "cuoc", "Ghi chú")),
        "get_report": (reads, lambda a: get_report(a, *what, code)),
        "get_totals": (reads, lambda a: get_totals(a, question)),
        "list_missing": (reads, lambda a: list_missing(a, *what, path)),
        "list_sources": (reads, lambda a: list_sources(a, question)),
        "see_totals": (reads, lambda a: see_totals(a, wish)),
        "see_missing": (reads, lambda a: see_missing(a, wish)),
        "see_pivot": (reads, lambda a: see_pivot(a, wish, ("place", "cell"))),
        "see_outliers": (reads, lambda a: see_outliers(a, wish)),
        "template_sheet": (enters, lambda a: template_sheet(a, *what, code)),
        "save_reports": (enters, lambda a: service.save_reports(a, *what, {code: {"cuoc": "2"}}, Source.FORM, reason=REASON)),
        "submit_report": (enters, lambda a: service.submit_report(a, *what, code, Source.API)),
        "ask_reopen": (enters, lambda a: service.ask_reopen(a, *what, code, REASON)),
        "approve_reports": (decides, lambda a: service.approve_reports(a, *what, [code])),
        "return_report": (decides, lambda a: service.return_report(a, *what, code, REASON)),
        "reopen_report": (decides, lambda a: service.reopen_report(a, *what, code, REASON)),
    }


async def is_let_in(call: Call, actor: Actor) -> bool:
    """Return whether a verb refuses for another reason than rights, or not at all."""
    try:
        await call(actor)
    except (Forbidden, SignInRequired) as error:
        return "tự duyệt" in error.text
    except DomainError:
        return True
    return True


@dataclass(frozen=True)
class Cast:
    """A commune, and one officer of each role at each kind of unit for each organisation."""

    code: str
    path: str
    people: dict[tuple[str, str, str], Actor]


@pytest.fixture
async def cast(units_db):
    """The officers; the commune has submitted its figures for Mặt trận and for Phụ nữ."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form(FORM, organisations=["mttq", "phu_nu"])
    async with db.reading() as session:
        communes = sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE :under ORDER BY code LIMIT 2")
        own, sibling = (await session.execute(communes, {"under": "vn/12/%"})).all()
        elsewhere = (await session.execute(communes, {"under": "vn/46/%"})).first()
    paths = dict(zip(UNITS, (own.path, "vn/12/", "vn/", sibling.path, elsewhere.path, "vn/46/"), strict=True))
    people = {
        (role.value, unit, mine): await enterer(paths[unit], mine, role.value)
        for role, unit, mine in itertools.product(Role, UNITS, ORGANISATIONS)
    }
    for whose in ("mttq", "phu_nu"):
        author = await enterer(own.path, whose)
        await service.save_reports(author, FORM, PERIOD, whose, {own.code: FULL}, Source.FORM)
        await service.submit_report(author, FORM, PERIOD, whose, own.code, Source.FORM)
    return Cast(own.code, own.path, people)


async def test_every_verb_lets_in_whom_the_table_names_and_nobody_else(cast, capsys):
    leaks, checks = [], 0
    for whose in ("mttq", "phu_nu"):
        for name, (right, call) in calls(cast.code, cast.path, whose).items():
            for (role, unit, mine), actor in cast.people.items():
                checks += 1
                if await is_let_in(call, actor) != right(role, unit, whose, mine):
                    leaks.append((name, role, unit, mine, "of", whose))
    with capsys.disabled():
        print(f"\nonline database: {checks} checks, {len(leaks)} leaks")
    assert checks == 2 * 18 * len(cast.people) and leaks == []


async def test_a_sheet_in_other_hands_writes_nothing(cast):
    """The same changed file sent by everybody: whoever does not enter there changes nothing, by a refusal or by named faults."""
    author = next(actor for (role, unit, mine), actor in cast.people.items() if enters(role, unit, "mttq", mine))
    sheet = change((await template_sheet(author, FORM, PERIOD, "mttq", cast.code))[1], (cast.code, "cuoc", 77))

    async def kept() -> str:
        async with db.reading() as session:
            return str((await session.execute(sql("SELECT cells->>'cuoc' FROM reporting_report WHERE organisation = 'mttq'"))).scalar_one())

    strangers = 0
    for (role, unit, mine), actor in cast.people.items():
        if not enters(role, unit, "mttq", mine):
            strangers += 1
            with contextlib.suppress(DomainError):
                await write_sheets(actor, FORM, PERIOD, "mttq", [SentSheet("tệp.xlsx", sheet)], REASON)
            assert await kept() == "1", (role, unit, mine)
    assert strangers == len(cast.people) - 3
    await write_sheets(author, FORM, PERIOD, "mttq", [SentSheet("tệp.xlsx", sheet)], REASON)
    assert await kept() == "77"
