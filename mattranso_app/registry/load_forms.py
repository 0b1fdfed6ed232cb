"""The six forms that are filled for measuring: two a week of 20 cells, two a quarter and two a year of 60."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ORGANISATION = "mttq"
_SEX = {"code": "gioi", "name": "Giới", "options": [{"code": "nam", "name": "Nam"}, {"code": "nu", "name": "Nữ"}]}
_AGE = {
    "code": "tuoi", "name": "Độ tuổi",
    "options": [{"code": "duoi_30", "name": "Dưới 30"}, {"code": "tu_30", "name": "30 đến 60"}, {"code": "tren_60", "name": "Trên 60"}],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadForm:
    """A form for measuring."""

    code: str
    definition: dict[str, Any]


def _number(code: str, name: str, over_time: str, measure: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": name, "over_time": over_time, "measure": measure, **more}


def _form(code: str, kind: str, title: str, stock: list[dict[str, Any]], flow: list[dict[str, Any]]) -> LoadForm:
    return LoadForm(
        code,
        {
            "title": f"{title} (số tạo ra để đo máy)", "period_kind": kind, "levels": ["central", "province", "commune"],
            "organisations": [ORGANISATION, "phu_nu"], "opens_days": 400, "due_days": 5, "categories": [_SEX, _AGE],
            "sections": [
                {"title": "Tình hình", "indicators": stock}, {"title": "Hoạt động trong kỳ", "indicators": flow},
            ],
        },
    )  # fmt: skip


def _weekly(number: int) -> LoadForm:
    """Two stocks by sex (6 cells), two flows by sex (6), eight plain flows: 20 cells."""
    stock = [_number(f"co_{at}", f"Số người nhóm {at}", "stock", "người", categories=["gioi"]) for at in (1, 2)]
    flow = [_number(f"luot_{at}", f"Lượt tham dự {at}", "flow", "lượt", categories=["gioi"]) for at in (1, 2)]
    flow += [_number(f"viec_{at}", f"Số việc loại {at}", "flow", "việc", is_required=at == 1) for at in range(1, 9)]
    return _form(f"do_tuan_{number}", "week", f"Biểu tuần {number}", stock, flow)


def _large(code: str, kind: str, title: str) -> LoadForm:
    """Six stocks by sex and age (42 cells), a rate, 17 plain flows: 60 cells."""
    stock = [_number(f"hoi_vien_{at}", f"Hội viên loại {at}", "stock", "người", categories=["gioi", "tuoi"]) for at in range(1, 7)]
    stock.append(_number("ty_le", "Tỷ lệ tập hợp", "stock", "%", type="decimal", sums_over_units=False))
    flow = [_number(f"viec_{at}", f"Số việc loại {at}", "flow", "việc", is_required=at == 1) for at in range(1, 18)]
    return _form(code, kind, title, stock, flow)


FORMS: tuple[LoadForm, ...] = (
    _weekly(1), _weekly(2), _large("do_quy_1", "quarter", "Biểu quý 1"), _large("do_quy_2", "quarter", "Biểu quý 2"),
    _large("do_nam_1", "year", "Biểu năm 1"), _large("do_nam_2", "year", "Biểu năm 2"),
)  # fmt: skip
