"""A wide form in the running platform, for the journeys of who fills it in; and what the level above does meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from mattranso_app.bench.running import Platform
from mattranso_app.core import embedded_postgres
from mattranso_app.core.reporting.publishing import read_definition

OPTIONS = ("nam", "nu", "tre", "gia", "xa", "gan", "trong", "ngoai")


def wide_form() -> dict[str, Any]:
    """A weekly form of communes: 25 indicators in 8 parts, three numbers with a check each way, words, a day, a choice."""
    number = {"measure": "người", "over_time": "flow"}
    return {
        "title": "Biểu rộng", "period_kind": "week", "levels": ["commune"], "organisations": ["mttq"], "opens_days": 7, "due_days": 1,
        "categories": [{"code": "nhom", "name": "Nhóm", "options": [{"code": each, "name": f"Nhóm {each}"} for each in OPTIONS]}],
        "sections": [
            {"title": "Tình hình chung", "indicators": [
                {"code": "moi", "name": "Số người được mời", "is_required": True, **number},
                {"code": "du", "name": "Số người dự", "is_required": True, **number},
                {"code": "tien", "name": "Số tiền ủng hộ", "is_required": True, **number, "type": "decimal", "measure": "triệu đồng"},
                {"code": "ty_le", "name": "Tỷ lệ dự", "type": "decimal", "measure": "%", "over_time": "stock", "sums_over_units": False,
                 "formula": {"percent": [{"cell": "du"}, {"cell": "moi"}]}},
                {"code": "ngay", "name": "Ngày họp gần nhất", "type": "date"},
                {"code": "noi", "name": "Nơi họp", "type": "choice",
                 "options": [{"code": "nha_van_hoa", "name": "Nhà văn hoá"}, {"code": "khac", "name": "Nơi khác"}]},
                {"code": "y_kien", "name": "Ý kiến nổi bật", "type": "text"},
            ]},
            {"title": "Chia theo nhóm", "indicators": [
                {"code": f"viec_{n}", "name": f"Việc số {n}", "categories": ["nhom"], **number} for n in range(1, 26)
            ]},
        ],
        "checks": [
            {"name": "du_moi", "severity": "hard", "message": "Số người dự không quá số được mời.",
             "expression": {"<=": [{"cell": "du"}, {"cell": "moi"}]}},
            {"name": "nhieu_tien", "severity": "soft", "message": "Số tiền lớn hơn thường lệ.",
             "expression": {"<=": [{"cell": "tien"}, 100]}},
        ],
    }  # fmt: skip


def publish_form(platform: Platform, code: str, data: dict[str, Any]) -> None:
    """Publish a form from the first week of 2026 on."""
    definition = read_definition(data)
    with psycopg.connect(platform.database_url()) as connection:
        made = "INSERT INTO reporting_form (tool, code, owner_path) VALUES ('registry', %s, 'vn/') RETURNING id"
        (form,) = connection.execute(made, [code]).fetchone() or (0,)
        version = (
            "INSERT INTO reporting_form_version (form_id, version, from_period, from_day, definition) "
            "VALUES (%s, 1, '2026-W01', '2025-12-29', %s)"
        )
        connection.execute(version, [form, Jsonb(definition.model_dump(mode="json"))])
        for slot, key in enumerate((key for key, cell in definition.cells.items() if cell.is_number), 1):
            connection.execute("INSERT INTO reporting_slot (form_id, slot, key) VALUES (%s, %s, %s)", [form, slot, key])


_RETURN = """
import asyncio, json, sys
from mattranso_app.core import db, live
from mattranso_app.core.access import SYSTEM
from mattranso_app.registry.service import return_report
async def act(url, words):
    await db.open_pool(url)
    await return_report(SYSTEM, *words)
    await live.stop()
    await db.close_pool()
asyncio.run(act(sys.argv[1], json.loads(sys.argv[2])))
"""


def give_back(platform: Platform, form: str, period: str, unit: str, reason: str) -> None:
    """Return a report of Mặt trận as the level above does; in a process of its own, since Playwright holds this one's loop."""
    words = json.dumps([form, period, "mttq", unit, reason])
    url = platform.database_url(embedded_postgres.APP)
    subprocess.run([sys.executable, "-c", _RETURN, url, words], check=True, env={**os.environ, "MTS_DATA_DIR": str(platform.data_dir)})
