"""A small form, and reports by it, for tests of the engine and of the tools on it."""

from __future__ import annotations

from typing import Any

from mattranso_app.core.access import SYSTEM, Actor
from mattranso_app.core.db import transaction
from mattranso_app.core.reporting.publishing import publish, read_definition
from mattranso_app.core.sql import sql


def small_form(**changed: Any) -> dict[str, Any]:
    """A quarterly form of communes: members by sex (shared out), members of whom …(overlapping), meetings, a rate, words."""
    return {
        "title": "Biểu thử", "period_kind": "quarter", "levels": ["commune"], "organisations": ["mttq", "pn"], "opens_days": 400,
        "due_days": 5,
        "categories": [
            {"code": "gioi", "name": "Giới", "options": [{"code": "nam", "name": "Nam"}, {"code": "nu", "name": "Nữ"}]},
            {"code": "trong_do", "name": "Trong đó", "overlaps": True,
             "options": [{"code": "dan_toc", "name": "Dân tộc thiểu số"}, {"code": "ton_giao", "name": "Có tôn giáo"}]},
        ],
        "sections": [
            {"title": "Hội viên", "indicators": [
                {"code": "hoi_vien", "name": "Hội viên", "measure": "người", "over_time": "stock", "categories": ["gioi"],
                 "is_required": True},
                {"code": "uy_vien", "name": "Uỷ viên", "measure": "người", "over_time": "stock", "categories": ["trong_do"]},
            ]},
            {"title": "Hoạt động", "indicators": [
                {"code": "cuoc", "name": "Cuộc giám sát", "measure": "cuộc", "over_time": "flow", "is_required": True},
                {"code": "ty_le", "name": "Tỷ lệ nữ", "type": "decimal", "measure": "%", "over_time": "stock", "sums_over_units": False,
                 "formula": {"percent": [{"cell": "hoi_vien/nu"}, {"cell": "hoi_vien"}]}},
                {"code": "kho_khan", "name": "Khó khăn", "type": "text"},
            ]},
        ],
        **changed,
    }  # fmt: skip


async def make_form(code: str = "thu", from_period: str = "2025-Q1", owner_path: str = "vn/", **changed: Any) -> int:
    """Publish the small form (or another whole definition's keys over it); return its id."""
    definition = read_definition(small_form(**changed))
    async with transaction() as session:
        return await publish(session, "registry", code, owner_path, definition, from_period, ("communes", "groups"))


async def enterer(unit_path: str, organisation: str = "mttq", *roles: str) -> Actor:
    """An officer who enters (and whatever else `roles` say) at a unit; a plain value, no account."""
    from uuid import uuid4

    from mattranso_app.core.access import Grant, Role

    async with transaction() as session:
        unit_id = (await session.execute(sql("SELECT id FROM unit WHERE path = :path"), {"path": unit_path})).scalar_one()
    grants = tuple(Grant(Role(role), organisation, unit_path) for role in roles or ("handler",))
    return Actor("officer", uuid4(), "Cán bộ thử", unit_id=unit_id, unit_path=unit_path, grants=grants)


__all__ = ["SYSTEM", "enterer", "make_form", "small_form"]
