"""Demonstration figures: invented reports of one province's communes by the ready forms, entered, submitted and decided by the
verbs themselves, each at the moment it would have been in life.

Of every sort there is one to look at: on time, late, returned, approved, amended, drafts half filled, communes that are silent.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import held_at, now, today
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting import reports
from mattranso_app.core.reporting.forms import Cell, FormDefinition
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.periods import PeriodKind, period_on
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.sql import sql
from mattranso_app.registry.ready_forms import TOOL
from mattranso_app.registry.service import approve_reports, return_report, save_reports, submit_report
from mattranso_app.units.kinds import Level
from mattranso_app.units.service import list_units, lookup
from mattranso_app.units.views import UnitView

PROVINCE = "thành phố huế"
"""The province of the demonstration accounts, as a person would look it up."""
_MOST_COMMUNES = 24
"""Communes that report; the others are silent. Each submission is an act of its own and takes its time at the first start."""
_WORDS = {
    "hoat_dong_tieu_bieu": ("Ra quân dọn vệ sinh tuyến đường ven sông, hơn 80 hộ tham gia.", "Vận động quỹ sửa nhà cho hai hộ khó khăn.",
                            "Tổ chức đối thoại với bà con về phân loại rác tại nhà."),
    "kho_khan": ("Địa bàn rộng sau sắp xếp, đi lại mất thời gian.", "Một số tổ dân phố chưa có nơi họp."),
    "de_xuat": ("Đề nghị tập huấn thêm về nhập số liệu.", "Đề nghị hỗ trợ máy tính cho Ban Công tác Mặt trận."),
    "viec_ky_toi": ("Chuẩn bị Ngày hội Đại đoàn kết.", "Rà soát danh sách hộ khó khăn."),
}  # fmt: skip
_EXPLANATION = "Đã kiểm tra lại, số đúng."
_SIZES = {
    "luot_tham_du": 240, "hoi_vien_nguoi": 130, "hoi_vien_luot": 900, "ket_nap": 9, "ra_khoi": 4, "chi_hoi": 14, "to_hoi": 30,
    "quy_thu": 60, "quy_chi": 45, "y_kien_tiep_nhan": 24, "y_kien_chuyen": 15, "y_kien_tra_loi": 12,
}  # fmt: skip
"""About how large a figure of an ordinary commune is; others are single digits."""


async def seed_demo() -> bool:
    """Fill an empty table of reports; return whether anything was made."""
    async with reading() as session:
        if (await session.execute(sql("SELECT EXISTS (SELECT FROM reporting_report)"))).scalar_one():
            return False
    province = (await lookup(PROVINCE, limit=1))[0].unit
    communes = (await list_units(level=Level.COMMUNE, parent=province.code, limit=_MOST_COMMUNES)).items
    chance = random.Random(3)  # noqa: S311 - nothing secret is drawn
    day = today()
    week, quarter = period_on(PeriodKind.WEEK, day), period_on(PeriodKind.QUARTER, day).previous
    month = period_on(PeriodKind.MONTH, day).previous
    for form, period, organisation in (
        ("quy", quarter.last_year.key, "phu_nu"), ("quy", quarter.key, "phu_nu"), ("thang", month.key, "mttq"),
        ("tuan", week.previous.key, "mttq"),
    ):  # fmt: skip
        await _past_period(form, period, organisation, communes, chance)
    await _drafts("tuan", week.key, "mttq", communes[:12], chance)
    return True


async def _asked(form: str, period: str, organisation: str) -> Asked:
    async with transaction() as session:
        return await reports.find_asked(session, TOOL, form, period, organisation)


async def _past_period(form: str, period: str, organisation: str, communes: Sequence[UnitView], chance: random.Random) -> None:
    """Report a period that is over: most communes on time, every eighth late, every fifteenth not at all."""
    asked = await _asked(form, period, organisation)
    reporting = [unit for place, unit in enumerate(communes) if place % 15 != 14]
    late = [unit for place, unit in enumerate(reporting) if place % 8 == 7]
    in_time = [unit for unit in reporting if unit not in late]
    soon, after = min(asked.due_at - timedelta(hours=30), now()), min(asked.due_at + timedelta(hours=20), now())
    await _report(asked, in_time, soon, chance)
    if after > asked.due_at:
        await _report(asked, late, after, chance)
    codes = [unit.code for unit in in_time]
    what = (form, period, organisation)
    with held_at(max(soon, after)):
        await approve_reports(SYSTEM, *what, codes[: len(codes) * 2 // 3])
        await return_report(SYSTEM, *what, codes[-1], "Số lượt người tham dự chưa khớp với số cuộc. Đề nghị xem lại.")
        key = next(key for key, cell in asked.definition.cells.items() if cell.is_number and not cell.is_computed)
        await save_reports(SYSTEM, *what, {codes[-2]: {key: "11"}}, Source.SEED, reason="Cộng thiếu một đơn vị.")


async def _report(asked: Asked, units: Sequence[UnitView], at: datetime, chance: random.Random) -> None:
    """Enter and submit the reports of some communes at a moment."""
    form = asked.definition
    what = (asked.version.code, asked.period.key, asked.organisation)
    with held_at(at):
        await save_reports(SYSTEM, *what, {unit.code: _figures(form, chance) for unit in units}, Source.SEED)
        for unit in units:
            try:
                await submit_report(SYSTEM, *what, unit.code, Source.SEED)
            except InvalidInput as doubts:  # soft checks want a word, as they do of people
                explained = {name.removeprefix("check:"): _EXPLANATION for name in doubts.fields if name.startswith("check:")}
                await submit_report(SYSTEM, *what, unit.code, Source.SEED, explanations=explained)


async def _drafts(form: str, period: str, organisation: str, communes: Sequence[UnitView], chance: random.Random) -> None:
    """Leave the running period half filled in some communes."""
    asked = await _asked(form, period, organisation)
    entries: dict[str, Mapping[str, object]] = {}
    for unit in communes:
        figures = _figures(asked.definition, chance)
        entries[unit.code] = dict(list(figures.items())[: chance.randint(1, 3)])
    await save_reports(SYSTEM, form, period, organisation, entries, Source.SEED)


def _figures(form: FormDefinition, chance: random.Random) -> dict[str, str]:
    """Invent the values of one report so that they hold together as the form's checks want."""
    figures = {key: _figure(cell, chance) for key, cell in form.cells.items() if not cell.is_computed}
    members = sum(int(figures[key]) for key in figures if key.startswith("hoi_vien_nguoi/"))
    if members:
        figures["hoi_vien_dac_diem"] = str(members)
        features = [key for key in figures if key.startswith("hoi_vien_dac_diem/")]
        figures |= {key: str(members * chance.randint(3, 25) // 100) for key in features}
        figures["hoi_vien_luot"] = str(members * chance.randint(105, 140) // 100)
    return {key: value for key, value in figures.items() if value}


def _figure(cell: Cell, chance: random.Random) -> str:
    if not cell.is_number:
        return chance.choice(_WORDS[cell.indicator.code]) if cell.indicator.code in _WORDS else ""
    middle = _SIZES.get(cell.indicator.code, 5)
    return str(max(1, round(chance.gauss(middle, middle / 4))))
