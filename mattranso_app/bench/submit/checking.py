"""What lies in the database and on the disk after the load: nothing lost, nothing doubled, nothing half done.

The rows are read by the owner's role, past the services, and the photos' bytes from the disk.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psycopg
from PIL import Image
from psycopg.rows import dict_row

from mattranso_app.bench.report import Report
from mattranso_app.bench.running import Platform
from mattranso_app.bench.submit.sending import Parcel
from mattranso_app.core.files import LocalStore
from mattranso_app.settings import ROOT

SETTLED_WITHIN = 90.0
"""Seconds that jobs of killed workers may take until others have done them."""
COLOUR_TOLERANCE = 8
"""By how much a photo's middle colour may differ after two encodings, of 255."""

_PETITIONS = """
SELECT p.number, p.body, u.code AS unit, c.petition_id IS NOT NULL AS has_contact,
  ARRAY(SELECT f.sha256 FROM stored_file f WHERE f.owner_kind = 'petition' AND f.owner_ref = p.number || '/photo' ORDER BY f.ordinal)
    AS photos,
  ARRAY(SELECT f.thumbnail_sha256 FROM stored_file f WHERE f.owner_kind = 'petition' AND f.owner_ref = p.number || '/photo')
    AS thumbnails,
  (SELECT count(*) FROM petition_event e WHERE e.petition_id = p.id AND e.action = 'submit') AS submits,
  (SELECT count(*) FROM petition_event e WHERE e.petition_id = p.id AND e.action = 'take_up') AS takes,
  (SELECT count(*) FROM audit_log a WHERE a.subject = 'petition:' || p.number AND a.action = 'petition.submit') AS audited
FROM petition p JOIN unit u ON u.id = p.unit_id LEFT JOIN petition_contact c ON c.petition_id = p.id
WHERE p.body LIKE 'Phiếu đo số %%'
"""

_HALF_DONE = {
    "phản ánh không có bước tiếp nhận đầu tiên": """
        SELECT count(*) FROM petition p
        WHERE NOT EXISTS (SELECT FROM petition_event e WHERE e.petition_id = p.id AND e.seq = 1 AND e.action = 'submit')""",
    "trạng thái lệch với bước cuối": """
        SELECT count(*) FROM petition p WHERE (p.state, p.version) IS DISTINCT FROM
        (SELECT (e.to_state, e.seq) FROM petition_event e WHERE e.petition_id = p.id ORDER BY e.seq DESC LIMIT 1)""",
    "số đếm cả nước lệch": """
        SELECT abs((SELECT count(*) FROM petition) - (SELECT coalesce(sum(received), 0) FROM petition_total))
          + abs((SELECT count(*) FROM petition WHERE answered_at IS NOT NULL) - (SELECT coalesce(sum(answered), 0) FROM petition_total))""",
    "số đang chờ của đơn vị lệch": """
        SELECT count(*) FROM (SELECT unit_id, count(*) AS open FROM petition WHERE answered_at IS NULL GROUP BY unit_id) AS really
        FULL JOIN petition_open o USING (unit_id) WHERE coalesce(really.open, 0) <> coalesce(o.open, 0)""",
    "tệp không thuộc phản ánh nào": """
        SELECT count(*) FROM stored_file f WHERE f.owner_kind = 'petition'
        AND NOT EXISTS (SELECT FROM petition p WHERE p.number = split_part(f.owner_ref, '/', 1))""",
    "ảnh lộ ra trước khi công khai": """
        SELECT count(*) FROM stored_file f JOIN petition p ON p.number = split_part(f.owner_ref, '/', 1)
        WHERE f.owner_kind = 'petition' AND f.visibility = 'public' AND p.published_at IS NULL""",
}

_STUCK = """
SELECT (SELECT count(*) FROM procrastinate_jobs j WHERE j.status IN ('doing', 'aborting')
    OR (j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())))
  + (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed')
  + (SELECT count(*) FROM notice WHERE state = 'sending')
"""


def check(report: Report, platform: Platform, parcels: list[Parcel]) -> None:
    """Compare what was acknowledged with what is there, and add the verdicts to `report`."""
    store = LocalStore(platform.data_dir / "files")
    with psycopg.connect(platform.database_url(), row_factory=dict_row, autocommit=True) as connection:
        rows = connection.execute(_PETITIONS).fetchall()
        by_number = {row["number"]: row for row in rows}
        missing = [parcel for parcel in parcels if not _is_there(parcel, by_number.get(parcel.number), store)]
        report.add("đã nhận nhưng không còn nguyên (chữ, nơi gửi, liên hệ, ảnh)", len(missing), "", 0)
        report.add("phiếu bị nhân đôi", _doubled(rows, parcels), "", 0)
        report.add("phiếu không ai được báo đã nhận", len(set(by_number) - {parcel.number for parcel in parcels}), "", 0)
        wrong = [row for row in rows if row["submits"] != 1 or row["audited"] != 1]
        report.add("không đúng một bước gửi và một dòng nhật ký", len(wrong), "", 0)
        taken = {parcel.number for parcel in parcels if parcel.taken}
        report.add("việc cán bộ bị mất hoặc lặp", sum(int(row["takes"] != int(row["number"] in taken)) for row in rows), "", 0)
        for name, query in _HALF_DONE.items():
            report.add(name, _one(connection, query), "", 0)
        report.add("việc nền, thư còn kẹt", _stuck(connection), "", 0)
    report.add("audit verify báo lỗi", _verify(platform.data_dir), "", 0)


def _is_there(parcel: Parcel, row: dict[str, Any] | None, store: LocalStore) -> bool:
    if not parcel.number or row is None:
        return False
    if (row["body"], row["unit"], row["has_contact"]) != (parcel.body, parcel.unit, bool(parcel.phone)):
        return False
    if len(row["photos"]) != len(parcel.photos) or not all(_is_whole(store.path(bytes(name)), name) for name in row["thumbnails"]):
        return False
    return all(
        _is_whole(store.path(bytes(name)), name) and _shows(store.path(bytes(name)), colour)
        for name, colour in zip(row["photos"], parcel.colours, strict=True)
    )


def _is_whole(path: Path, sha256: bytes) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).digest() == bytes(sha256)


def _shows(path: Path, colour: tuple[int, int, int]) -> bool:
    """Whether the photo is the one that was sent: three quarters its colour, a quarter grey grain."""
    with Image.open(path) as image:
        found = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(found, tuple)
    return all(abs(part - (0.75 * wanted + 0.25 * 128)) <= COLOUR_TOLERANCE for part, wanted in zip(found, colour, strict=True))


def _doubled(rows: list[dict[str, Any]], parcels: list[Parcel]) -> int:
    """Count texts that are there twice, keys with two numbers or receipts, and numbers with two keys."""
    texts = sum(count - 1 for count in Counter(row["body"] for row in rows).values())
    answers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    keys: dict[str, set[str]] = defaultdict(set)
    for parcel in parcels:
        answers[parcel.key].add((parcel.number, parcel.receipt))
        keys[parcel.number].add(parcel.key)
    return texts + sum(len(found) - 1 for found in answers.values()) + sum(len(found) - 1 for found in keys.values())


def _stuck(connection: psycopg.Connection[dict[str, Any]]) -> int:
    """Return how many jobs and notices nobody works on, once those of killed workers have had their time."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while (count := _one(connection, _STUCK)) and time.monotonic() < deadline:
        time.sleep(1.0)
    return count


def _one(connection: psycopg.Connection[dict[str, Any]], query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(next(iter(row.values())))


def _verify(data_dir: Path) -> int:
    result = subprocess.run(
        [sys.executable, "-m", "mattranso_app.cli", "audit", "verify"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "MTS_DATA_DIR": str(data_dir), "MTS_ENV": "demo"},
    )
    if result.returncode:
        print(result.stdout + result.stderr)
    return result.returncode
