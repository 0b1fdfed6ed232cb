"""What `bench lists` asks for: every tab of desks, every filter of the public list, near and far pages, words of all kinds."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

from mattranso_app.core import live
from mattranso_app.core.access import Actor, Grant, Role
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading
from mattranso_app.petitions import service, sources
from mattranso_app.petitions.shapes import Cursor
from mattranso_app.petitions.store import TABS, PublicFilter, fetch_queue, queue_cursor
from mattranso_app.units import service as units
from mattranso_app.units.views import UnitView

Call = Callable[[int], Awaitable[object]]

OFFICER = Actor(
    kind="officer", person_id=uuid.UUID(int=1), name="Đo tải", session_id=uuid.UUID(int=2), unit_path="vn/",
    grants=(Grant(Role.READER, "mttq", "vn/"),),
)  # fmt: skip
KINDS = ("phan_anh", "kien_nghi", "cau_hoi")
PAGE, DESK_PAGE = 20, 30
FAR = 1_000
"""The page that must be as fast as the first."""
WORDS: dict[str, tuple[str, ...]] = {
    "từ hiếm": ("Mả Giang", "karaoke", "cầu lồi", "khai sinh", "ruồi muỗi", "héc-ta", "nghĩa trang", "tiêm phòng dại"),
    "tiếng rất hay gặp": ("đường", "không", "có", "người", "bà con", "đề nghị", "nhà", "và"),
    "tiếng rất hay gặp, không dấu": ("duong", "khong", "co", "nguoi", "ba con", "de nghi", "nha", "va"),
    "từ hai tiếng": ("nước sạch", "ổ gà", "hộ nghèo", "đèn đường", "thu gom", "bảo hiểm", "tiếng ồn", "đất đai"),
    "từ hai tiếng, không dấu": ("nuoc sach", "o ga", "ho ngheo", "den duong", "thu gom", "bao hiem", "tieng on", "dat dai"),
    "trong ngoặc kép": ('"nước sạch"', '"bảo hiểm"', '"không sáng"', '"đường vào"', '"hộ cận nghèo"', '"mặt đường"'),
    "cả câu": (
        "nước máy có mùi tanh ở khu tái định cư", "đèn đường hỏng gần trường mầm non", "bao giờ vá lại mặt đường vào thôn Đoài",
        "không thấy ai xuống thu gom rác ở ngõ 88", "người già không có lương hưu được trợ cấp bao nhiêu",
    ),
    "gõ Telex quên bật": ("nuowcs sachj", "dduwowngf", "khoong sangs", "hooj ngheof", "rasc thair"),
}  # fmt: skip


@dataclass(slots=True)
class Ground:
    """What calls are made with: desks from large to small, provinces, communes, far cursors, numbers of petitions."""

    desks: list[UnitView]
    provinces: list[UnitView]
    communes: list[UnitView]
    far: Cursor
    far_desk: Cursor
    numbers: list[str]
    deep_pairs: dict[str, tuple[str, str]] = field(default_factory=dict)


async def read_ground() -> Ground:
    """Read from the filled database what the calls need; not measured."""
    async with reading() as session:
        counted = await session.execute(
            text(
                "SELECT p.unit_id, u.level FROM petition p JOIN unit u ON u.id = p.unit_id GROUP BY 1, 2 ORDER BY count(*) DESC, 1"
            )
        )
        by_size = list(counted.tuples())
        higher = [unit for unit, level in by_size if level != "commune"]
        lower = [unit for unit, level in by_size if level == "commune"]
        ids = [*higher[:1], *lower[:20], *higher[1:], *lower[20:40], *lower[-20:]]
        far = (
            await session.execute(
                text(
                    "SELECT published_at, id FROM petition WHERE published_at IS NOT NULL "
                    "ORDER BY published_at DESC, id DESC "
                    "OFFSET least(:rows, (SELECT count(*) / 2 FROM petition WHERE published_at IS NOT NULL)) LIMIT 1"
                ),
                {"rows": PAGE * (FAR - 1)},
            )
        ).one()
        rows = await fetch_queue(session, ids[0], "mttq", "da-tra-loi", now(), None, None, 1_500)
        numbers = await session.execute(
            text("SELECT number FROM petition WHERE published_at IS NOT NULL ORDER BY receipt_hash LIMIT 200")
        )
        sample = [str(number) for number in numbers.scalars()]
    found = [await units.get_unit(unit) for unit in ids]
    provinces = [unit for unit in found if unit.level == "province"]
    communes = [unit for unit in found if unit.level == "commune"]
    far_desk = queue_cursor("da-tra-loi", rows[-1]) if rows else Cursor(now(), 0)
    return Ground(found, provinces, communes, Cursor(far[0], far[1]), far_desk, sample)


def service_calls(ground: Ground) -> dict[str, Call]:
    """Return the calls through the services by name; each is given its number and asks for something else every time."""
    calls: dict[str, Call] = {}
    for tab in TABS:
        calls[f"bàn làm việc, {tab}"] = _desk(ground.desks, tab)
    first = ground.desks[:1]
    calls["bàn làm việc lớn nhất, trang 1"] = _desk(first, "da-tra-loi")
    calls["bàn làm việc lớn nhất, trang 50"] = _desk(first, "da-tra-loi", ground.far_desk.encode())
    calls["bàn làm việc, số đếm các ngăn"] = lambda number: service.count_queue(OFFICER, _turn(ground.desks, number))
    calls["bàn làm việc, tin trực tiếp"] = _desk_topic(ground)
    for name, filters in _filters(ground).items():
        calls[name] = _page(filters)
    calls["danh sách, trang 1.000"] = _page([PublicFilter()], ground.far.encode())
    for name, words in WORDS.items():
        calls[f"tìm {name}"] = _search(words, [PublicFilter()])
    every = [word for words in WORDS.values() for word in words]
    kinds = [PublicFilter(kind=kind) for kind in KINDS]
    calls["tìm, lọc theo loại"] = _search(every, kinds)
    calls["tìm, lọc theo tỉnh và đang xử lý"] = _search(
        every, [PublicFilter(province_path=unit.path, answered=False) for unit in ground.provinces]
    )
    calls["tìm, lọc theo xã"] = _search(every, [PublicFilter(unit_id=unit.id) for unit in ground.communes])
    calls["tìm, trang 50"] = _search(WORDS["tiếng rất hay gặp"], [PublicFilter()], 49 * PAGE)
    calls["tìm theo mã số"] = _search(ground.numbers, [PublicFilter()])
    calls["trang chủ"] = _home
    ground.deep_pairs = {
        "bàn làm việc: trang 50 so với trang 1": ("bàn làm việc lớn nhất, trang 1", "bàn làm việc lớn nhất, trang 50")
    }
    return calls


def http_calls(ground: Ground) -> dict[str, list[str]]:
    """Return the addresses asked over HTTP by name."""
    at = "/api/v1/petitions"
    units_asked = [*ground.provinces, *ground.communes]
    return {
        "danh sách": [address(at, limit=PAGE)],
        "danh sách, trang 1.000": [address(at, limit=PAGE, cursor=ground.far.encode())],
        "danh sách có lọc": [
            address(at, limit=PAGE, unit=unit.code, kind=KINDS[place % 3], answered=str(place % 2 == 0).lower())
            for place, unit in enumerate(units_asked)
        ],
        **{f"tìm {name}": [address(at, limit=PAGE, query=word) for word in words] for name, words in WORDS.items()},
        "trang chủ": ["/live/portal.json"],
        "một phản ánh": [f"{at}/{number}" for number in ground.numbers],
    }


def address(path: str, **values: object) -> str:
    """Return `path` with its parameters."""
    return f"{path}?{urlencode(values)}"


def _filters(ground: Ground) -> dict[str, list[PublicFilter]]:
    provinces = [unit.path for unit in ground.provinces]
    communes = [unit.id for unit in ground.communes]
    return {
        "danh sách": [PublicFilter()],
        "danh sách theo loại": [PublicFilter(kind=kind) for kind in KINDS],
        "danh sách đang xử lý": [PublicFilter(answered=False)],
        "danh sách đã trả lời": [PublicFilter(answered=True)],
        "danh sách đang xử lý, theo loại": [PublicFilter(answered=False, kind=kind) for kind in KINDS],
        "danh sách theo tỉnh": [PublicFilter(province_path=path) for path in provinces],
        "danh sách theo tỉnh, loại, đang xử lý": [
            PublicFilter(province_path=path, kind=kind, answered=False) for path in provinces for kind in KINDS
        ],
        "danh sách theo tỉnh, loại, đã trả lời": [
            PublicFilter(province_path=path, kind=kind, answered=True) for path in provinces for kind in KINDS
        ],
        "danh sách theo xã": [PublicFilter(unit_id=unit) for unit in communes],
        "danh sách theo xã, loại, đang xử lý": [
            PublicFilter(unit_id=unit, kind=kind, answered=False) for unit in communes for kind in KINDS
        ],
    }


def _desk(desks: list[UnitView], tab: str, cursor: str = "") -> Call:
    return lambda number: service.list_queue(OFFICER, _turn(desks, number), tab, cursor, DESK_PAGE)


def _desk_topic(ground: Ground) -> Call:
    async def call(number: int) -> object:
        async with reading() as session:
            return await sources.desk_snapshot(session, {"unit": _turn(ground.desks, number).code})

    return call


def _page(filters: list[PublicFilter], cursor: str = "") -> Call:
    """Return a call for a page with its count, as the list shows both."""

    async def call(number: int) -> object:
        narrowed = _turn(filters, number)
        return await service.list_public(narrowed, cursor, PAGE), await service.count_public(narrowed)

    return call


def _search(words: Sequence[str], filters: list[PublicFilter], offset: int = 0) -> Call:
    return lambda number: service.search_public(_turn(words, number), _turn(filters, number), offset, PAGE)


async def _home(_number: int) -> object:
    params: live.Params = {}
    async with reading() as session:
        return await sources.portal_snapshot(session, params)


def _turn(values: Sequence[Any], number: int) -> Any:
    return values[number % len(values)]
