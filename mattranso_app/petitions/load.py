"""Invented petitions by the hundred thousand, for measuring: written by COPY and set-based SQL, past the services.

Only on a machine of one's own: it needs the owner's connection, since the rules that the database keeps for everybody
else are switched off while the rows go in. Each row is marked as a sample.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import psycopg

from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now
from mattranso_app.core.db import libpq_url
from mattranso_app.petitions.models import Publication, State
from mattranso_app.petitions.numbers import from_bits, read_bits
from mattranso_app.petitions.samples import PLACES, Sample, make_sample

YEARS = 3
_BATCH = 50_000
_COLUMNS = (
    "number, client_key_hash, body_digest, receipt_hash, kind, title, body, place, unit_id, unit_path, channel, is_sample, state, "
    "version, created_at, due_at, deadline_rule_id, taken_at, taken_by, publication, published_at, withheld_reason, public_title, "
    "public_body, public_place, outcome, answered_at"
)
_TABLES = ("petition", "petition_event", "petition_answer")


def seed_petitions(owner_url: str, count: int, say: Callable[[str], None] = lambda _words: None, seed: int | None = None) -> None:
    """Add `count` invented petitions of the last three years, spread over all units, with events, answers and counters.

    Blocking.

    Args:
        owner_url: the database as the role that owns the tables.
        count: how many.
        say: where progress goes.
        seed: makes the run repeatable.
    """
    chance = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    with psycopg.connect(libpq_url(owner_url), options="-c synchronous_commit=off -c statement_timeout=0 -c timezone=UTC") as connection:
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        dropped = [*_drop_foreign_keys(connection), *_drop_indexes(connection)] if count >= _BATCH else []
        row = connection.execute("SELECT coalesce(max(id), 0) FROM petition").fetchone()
        last = row[0] if row else 0
        source = _rows(_ground(connection), chance, count)
        for start in range(0, count, _BATCH):
            size = min(_BATCH, count - start)
            with connection.cursor().copy(f"COPY petition ({_COLUMNS}) FROM STDIN") as copy:
                for _ in range(size):
                    copy.write(next(source))
            say(f"  {start + size:,} / {count:,} phản ánh giả".replace(",", "."))
        say("  diễn biến, câu trả lời, số đếm…")
        connection.execute(_EVENTS, [last])
        connection.execute(_ANSWERS, [last])
        for statement in _COUNTERS:
            connection.execute(statement, [last])
        connection.execute("INSERT INTO search_change (source, ref) VALUES ('petitions', '')")  # a new index of all
        say("  chỉ mục…")
        for definition in reversed(dropped):
            connection.execute(definition)
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE) " + ", ".join((*_TABLES, "petition_stat", "petition_open", "petition_total")))


def _drop_foreign_keys(connection: psycopg.Connection) -> list[str]:
    """Drop what is checked faster for all rows at once than row by row; return how to make it again."""
    found = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY(CAST(%s AS regclass[]))",
        [list(_TABLES)],
    ).fetchall()
    for table, name, _ in found:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    return [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for table, name, definition in found]


def _drop_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop what is built faster afterwards; return how to build it."""
    found = connection.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND i.tablename = 'petition' "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)"
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What rows are made on: units with their weights, deadline rules by kind, numbers already taken."""

    units: list[tuple[int, str, str, str]]
    rules: dict[str, tuple[int, int]]
    numbers: set[int]


def _ground(connection: psycopg.Connection) -> _Ground:
    units = connection.execute(
        "SELECT id, path, level, name FROM unit WHERE level IN ('central', 'province', 'commune') AND valid_to IS NULL ORDER BY id"
    ).fetchall()
    rules = connection.execute("SELECT kind, id, working_days FROM deadline_rule WHERE step = 'answer' AND valid_to IS NULL")
    numbers = connection.execute("SELECT number FROM petition")
    return _Ground(units, {kind: (rule, days) for kind, rule, days in rules}, {read_bits(number) for (number,) in numbers})


def _rows(ground: _Ground, chance: random.Random, count: int) -> Iterator[str]:
    weights = [{"central": 60.0, "province": 12.0}.get(level, min(30.0, chance.paretovariate(1.3))) for _, _, level, _ in ground.units]
    moment = now()
    calendar = working_calendar()
    due_of: dict[tuple[date, int], datetime] = {}
    for unit_id, path, _, name in chance.choices(ground.units, weights, k=count):
        bits = chance.getrandbits(30)
        while bits in ground.numbers:
            bits = chance.getrandbits(30)
        ground.numbers.add(bits)
        age = chance.random() * YEARS * 365
        created = moment - timedelta(days=age)
        sample = _with_detail(chance, make_sample(chance), name, created)
        rule, days = ground.rules[sample.kind]
        day = created.astimezone(VN).date()
        if (day, days) not in due_of:
            due_of[day, days] = calendar.add_working_days(created, days)
        yield _line(chance, from_bits(bits), sample, unit_id, path, _state(chance, age), created, due_of[day, days], rule, moment)


def _with_detail(chance: random.Random, sample: Sample, unit: str, created: datetime) -> Sample:
    """Return `sample` with what makes texts of real people unlike each other: names of places, dates, numbers of things."""
    day = (created.astimezone(VN) - timedelta(days=chance.randint(0, 20))).date()
    detail = chance.choice(_DETAILS).format(
        unit=unit, near=chance.choice(PLACES), day=f"{day.day}/{day.month}/{day.year}", n=chance.randint(2, 60),
        tag=f"{chance.choice('ABCDGHKLMNPQST')}{chance.randint(1, 9_999):04}",
    )  # fmt: skip
    return replace(sample, body=f"{sample.body} {detail}")


_DETAILS = (
    "Chỗ này ở {unit}, gần {near}, từ ngày {day}.",
    "Đoạn gần {near}, cạnh cột điện số {tag}.",
    "Ngày {day} tôi đã gọi tổng đài của {unit}, phiếu ghi số {tag}.",
    "Cả {unit} có {n} hộ cùng cảnh, nhất là phía {near}.",
    "Biên bản họp dân ngày {day} đã ghi việc này.",
    "Mã công trình ghi trên biển là {tag}, đơn vị thi công nghỉ từ ngày {day}.",
    "Tôi gửi kèm ảnh chụp ngày {day}.",
    "Người ở {near} và {unit} đều biết.",
)


def _state(chance: random.Random, age: float) -> State:
    """Return where a petition of `age` days stands: nearly all old ones are answered."""
    drawn = chance.random()
    if age > 25:
        return State.ANSWERED if drawn < 0.985 else State.IN_PROGRESS
    if drawn < age / 25 * 0.9:
        return State.ANSWERED
    return chance.choice((State.RECEIVED, State.IN_PROGRESS, State.IN_PROGRESS, State.AWAITING_APPROVAL))


def _line(chance, number, sample, unit_id, path, state, created, due, rule, moment) -> str:  # type: ignore[no-untyped-def]
    taken = published = answered = None
    publication, version, reason = Publication.PENDING, 1, ""
    passed = moment - created  # nothing has happened yet that is later than now
    if state is not State.RECEIVED:
        taken = created + min(timedelta(hours=chance.uniform(1, 60)), passed * 0.3)
        withheld = chance.random() < 0.06
        publication = Publication.WITHHELD if withheld else Publication.PUBLISHED
        published = None if withheld else taken + min(timedelta(minutes=chance.uniform(2, 90)), passed * 0.1)
        reason = "Nội dung nêu tên người khác." if withheld else ""
        version = {State.IN_PROGRESS: 3, State.AWAITING_APPROVAL: 4, State.ANSWERED: 5}[state]
    if state is State.ANSWERED and taken is not None:
        share = chance.betavariate(3, 2) * 1.19  # a little over one in ten is late
        answered = max(taken + min(timedelta(hours=2), passed * 0.3), min(moment, created + (due - created) * share))
    body = sample.body.replace("\n", "\\n")
    public = (sample.title, body, sample.place) if published else ("", "", "")
    secret = os.urandom(96).hex()
    return "\t".join((
        number, "\\\\x" + secret[:64], "\\\\x" + secret[64:128], "\\\\x" + secret[128:], sample.kind, sample.title, body, sample.place,
        str(unit_id), path, "demo", "t", state, str(version), created.isoformat(), due.isoformat(), str(rule), _moment(taken),
        f"00000000-0000-4000-8000-{unit_id:012d}" if taken else "\\N", publication, _moment(published), reason, *public,
        sample.outcome if answered else "\\N", _moment(answered),
    )) + "\n"  # fmt: skip


def _moment(moment: datetime | None) -> str:
    return "\\N" if moment is None else moment.isoformat()


# Handed in an hour before it was approved, or halfway; what still waits for approval within a day of its publication.
_HANDED_IN = """CASE WHEN p.answered_at IS NOT NULL
    THEN greatest(p.answered_at - INTERVAL '1 hour', p.answered_at - (p.answered_at - coalesce(p.published_at, p.taken_at)) / 2)
    ELSE least(coalesce(p.published_at, p.taken_at) + INTERVAL '1 day', clock_timestamp()) END"""

_EVENTS = f"""
INSERT INTO petition_event (petition_id, seq, action, from_state, to_state, at, actor_kind, person_id, unit_id, public_note)
SELECT p.id, e.seq, e.action, e.from_state, e.to_state, e.at, e.actor, CASE WHEN e.actor = 'officer' THEN p.taken_by END,
  CASE WHEN e.actor = 'officer' THEN p.unit_id END, e.note
FROM petition p CROSS JOIN LATERAL (VALUES
  (1, 'submit', 'new', 'received', p.created_at, 'anonymous', ''),
  (2, 'take_up', 'received', 'in_progress', p.taken_at, 'officer', ''),
  (3, CASE p.publication WHEN 'withheld' THEN 'withhold_question' ELSE 'publish_question' END, 'in_progress', 'in_progress',
    coalesce(p.published_at, p.taken_at), 'officer', p.withheld_reason),
  (4, 'submit_answer', 'in_progress', 'awaiting_approval', {_HANDED_IN}, 'officer', ''),
  (5, 'approve_answer', 'awaiting_approval', 'answered', p.answered_at, 'officer', '')
) AS e(seq, action, from_state, to_state, at, actor, note)
WHERE p.id > %s AND e.seq <= p.version ORDER BY p.id, e.seq
"""  # noqa: S608 - our own words

_ANSWERS = f"""
INSERT INTO petition_answer (petition_id, ordinal, outcome, body, public_body, author_id, author_name, created_at, decision,
  decided_by, decided_at)
SELECT p.id, 1, coalesce(p.outcome, 'explained'), said.body, said.body, p.taken_by, 'Cán bộ minh hoạ',
  {_HANDED_IN},
  CASE WHEN p.answered_at IS NOT NULL THEN 'approved' END,
  CASE WHEN p.answered_at IS NOT NULL THEN CAST('ffffffff-ffff-4fff-8fff-ffffffffffff' AS uuid) END, p.answered_at
FROM petition p JOIN unit u ON u.id = p.unit_id CROSS JOIN LATERAL (SELECT 'Kính gửi bà con,' || chr(10) || 'Về việc “' || p.title
  || '”, ' || u.name || ' đã kiểm tra tại ' || p.place || ' và trả lời như sau: ' || CASE p.outcome
  WHEN 'solved' THEN 'việc đã làm xong, bà con thấy còn vướng mắc xin báo lại.'
  WHEN 'partly' THEN 'đã làm được một phần, phần còn lại đang chờ vật tư và sẽ báo khi xong.'
  WHEN 'refused' THEN 'việc này không thực hiện được theo quy định hiện hành; lý do và căn cứ đã niêm yết.'
  ELSE 'quy định và cách làm hồ sơ được giải thích trong văn bản kèm theo.' END AS body) AS said
WHERE p.id > %s AND p.version >= 4 ORDER BY p.id
"""  # noqa: S608 - our own words

_ON_TIME = "count(*) FILTER (WHERE answered_at <= due_at)"
_DAY = "(({column} AT TIME ZONE INTERVAL '7 hours')::date)"
_COUNTERS = tuple(
    f"INSERT INTO {table} AS c ({key}, day, received, answered, answered_on_time) "  # noqa: S608
    f"SELECT {value}, {_DAY.format(column=column)}, {counted} FROM petition WHERE id > %s {extra} GROUP BY 1, 2 "
    f"ON CONFLICT ({key}, day) DO UPDATE SET received = c.received + excluded.received, "
    "answered = c.answered + excluded.answered, answered_on_time = c.answered_on_time + excluded.answered_on_time"
    for table, key, value in (("petition_stat", "unit_id", "unit_id"), ("petition_total", "shard", "mod(id, 16)"))
    for column, counted, extra in (
        ("created_at", "count(*), 0, 0", ""),
        ("answered_at", f"0, count(*), {_ON_TIME}", "AND answered_at IS NOT NULL"),
    )
) + (
    "INSERT INTO petition_open AS o (unit_id, open) SELECT unit_id, count(*) FROM petition WHERE id > %s AND answered_at IS NULL "
    "GROUP BY 1 ON CONFLICT (unit_id) DO UPDATE SET open = o.open + excluded.open",
)
