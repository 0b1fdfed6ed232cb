"""Two years of invented figures of every unit, for measuring: about 18 million values written by COPY, past the verbs.

What is written is what the verbs would write: values with their wholes, numbers by slot, a revision for what was entered and
one for handing it up, totals folded. Only on a machine of one's own: it needs the owner's connection, since indexes and
foreign keys are made again when all rows are in. Each form says in its title that its figures are made up; each revision
came by the door `seed`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import libpq_url, transaction
from mattranso_app.core.reporting import folding, store
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.periods import Period, PeriodKind, period_on
from mattranso_app.core.reporting.publishing import publish, read_definition
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.registry.load_forms import FORMS, ORGANISATION
from mattranso_app.registry.service.entering import TOOL

Say = Callable[[str], None]
BACK = {PeriodKind.WEEK: 104, PeriodKind.QUARTER: 8, PeriodKind.YEAR: 2}
"""Periods that are filled, ending with the last one that is over."""
SILENT = 61
"""One report in so many is missing."""
_LATE = 37
"""One report in so many comes after it was due."""
_NOISE = [(place * 7919 + 104729) % 97 for place in range(1021)]
_CHUNK = 400
"""Lines handed to COPY at once."""
_REPORT = (
    "id, form_id, version, organisation, period, period_end, unit_id, unit_path, reported_path, level, state, revision, cells, numbers, "
    "due_at, lock_at, submitted_at, is_late, updated_at"
)
_REVISION = "report_id, revision, at, act, source, person_name, changes"
_TABLES = ("reporting_report", "reporting_revision")


@dataclass(frozen=True, slots=True)
class Place:
    """A unit that reports."""

    unit_id: int
    path: str
    level: str


async def seed_registry(
    owner_url: str, say: Say = lambda _words: None, back: dict[PeriodKind, int] | None = None, below: str = "vn/"
) -> int:
    """Publish the forms of `load_forms` and fill the last two years of every unit's reports, with totals folded.

    Args:
        owner_url: the database as the role that owns the tables; the pool must be open on the same database.
        say: where progress goes.
        back: how many periods of each kind; `BACK` when None.
        below: only units at and below this path.

    Returns:
        How many values were written; 0 when the forms are there already.
    """
    back = back or BACK
    spans = {kind: _span(kind, count) for kind, count in back.items()}
    asked: list[list[Asked]] = []
    async with transaction() as session:
        if await store.fetch_form_id(session, TOOL, FORMS[0].code) is not None:
            return 0
        for form in FORMS:
            definition = read_definition(form.definition)
            span = spans[definition.period_kind]
            form_id = await publish(session, TOOL, form.code, "vn/", definition, span[0].key)
            version = (await store.fetch_versions(session, form_id))[0]
            asked.append([Asked(TOOL, version, period, ORGANISATION) for period in span])
    values = _copy(owner_url, asked, say, below)
    say("  cộng các tổng…")
    while await folding.fold_once():
        pass
    return values


def _span(kind: PeriodKind, count: int) -> list[Period]:
    found = [period_on(kind, today()).previous]
    while len(found) < count:
        found.insert(0, found[0].previous)
    return found


def _copy(owner_url: str, asked: Sequence[Sequence[Asked]], say: Say, below: str) -> int:
    with psycopg.connect(libpq_url(owner_url), options="-c synchronous_commit=off -c statement_timeout=0 -c timezone=UTC") as connection:
        rows = connection.execute(
            "SELECT id, path, level FROM unit WHERE valid_to IS NULL AND level <> 'group' AND starts_with(path, %s) ORDER BY id", [below]
        )
        places = [Place(*row) for row in rows]
        rebuild = _strip(connection)
        row = connection.execute("SELECT coalesce(max(id), 0) FROM reporting_report").fetchone()
        report_id, values, at = (row[0] if row else 0), 0, now()
        for periods in asked:
            title = periods[0].definition.title
            for number, one in enumerate(periods):
                reports, revisions, written = lines(one, number, places, report_id, at)
                _write(connection, "reporting_report", _REPORT, reports)
                _write(connection, "reporting_revision", _REVISION, revisions)
                report_id, values = report_id + len(reports), values + written
            say(f"  {title}: {len(periods)} kỳ, tới nay {values:,} số".replace(",", "."))
        connection.execute(
            "INSERT INTO reporting_stale (form_id, period, organisation, group_path) "
            "SELECT DISTINCT form_id, period, organisation, group_path FROM reporting_report WHERE form_id = ANY(%s)",
            [[periods[0].version.form_id for periods in asked]],
        )
        connection.execute("SELECT setval(pg_get_serial_sequence('reporting_report', 'id'), %s)", [max(report_id, 1)])
        say("  chỉ mục…")
        for statement in rebuild:
            connection.execute(statement)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE) reporting_report, reporting_revision")
    return values


def _strip(connection: psycopg.Connection) -> list[str]:
    """Drop what is checked or built faster for all rows at once; return how to make it again."""
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY(CAST(%s AS regclass[]))",
        [list(_TABLES)],
    ).fetchall()
    for table, name, _ in keys:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = indexname)",
        [list(_TABLES)],
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    return [made for _, made in indexes] + [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {made}' for table, name, made in keys]


def _write(connection: psycopg.Connection, table: str, columns: str, rows: Sequence[str]) -> None:
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for start in range(0, len(rows), _CHUNK):
            copy.write("".join(rows[start : start + _CHUNK]))


def lines(asked: Asked, number: int, places: Sequence[Place], last_id: int, at_most: datetime) -> tuple[list[str], list[str], int]:
    """Return the lines of COPY for the reports of one period and for their revisions, and how many values they hold.

    Args:
        asked: the period.
        number: which of the form's periods it is, for figures that change with time.
        places: who reports.
        last_id: of the reports written before.
        at_most: no report comes later than this.
    """
    shape = _Shape(asked)
    due, lock = asked.due_at, asked.lock_at
    on_time = min(datetime.combine(asked.period.end, due.timetz()), at_most)
    late = min(due + timedelta(days=2), at_most)
    head = f"{asked.version.form_id}\t{asked.version.version}\t{asked.organisation}\t{asked.period.key}\t{asked.period.end}"
    locked = lock.isoformat() if lock else r"\N"
    end = f"{due.isoformat()}\t{locked}"
    reports, revisions, count = [], [], 0
    levels = asked.definition.levels
    for place in places:
        if place.level not in levels or (place.unit_id * 31 + number * 17) % SILENT == 0:
            continue
        at = late if (place.unit_id + number * 11) % _LATE == 0 else on_time
        values = shape.figures(place.unit_id, number, place.level)
        last_id += 1
        count += len(values)
        moment = at.isoformat()
        typed = shape.changes % tuple(values[slot] for slot in shape.typed)
        reports.append(
            f"{last_id}\t{head}\t{place.unit_id}\t{place.path}\t{place.path}\t{place.level}\tsubmitted\t2\t{shape.cells % values}\t"
            f"{shape.numbers % values}\t{end}\t{moment}\t{'t' if at > due else 'f'}\t{moment}\n"
        )
        revisions.append(f"{last_id}\t1\t{moment}\tsave\t{Source.SEED.value}\t{SYSTEM.name}\t{typed}\n")
        revisions.append(f"{last_id}\t2\t{moment}\tsubmit\t{Source.SEED.value}\t{SYSTEM.name}\t{{}}\n")
    return reports, revisions, count


class _Shape:
    """How the values of a form are written: templates that take the figures in the order of the slots."""

    def __init__(self, asked: Asked) -> None:
        form: FormDefinition = asked.definition
        keys = sorted(asked.version.slots, key=lambda key: asked.version.slots[key])
        place = {key: at for at, key in enumerate(keys)}
        parts = {key: form.parts_of(cell) for key, cell in form.cells.items()}
        self.wholes = [(place[key], [place[part] for part in shared]) for key, shared in parts.items() if shared]
        self.typed = [place[key] for key in keys if not form.cells[key].is_computed]
        self.scale = [3 if form.cells[key].indicator.over_time == "flow" else 20 for key in keys]
        self.most = [100 if form.cells[key].indicator.measure == "%" else None for key in keys]
        self.cells = "{" + ",".join(f'{json.dumps(key)}:"%d"' for key in keys) + "}"
        self.changes = "{" + ",".join(f'{json.dumps(keys[at])}:[null,"%d"]' for at in self.typed) + "}"
        self.numbers = "{" + ",".join("%d" for _ in keys) + "}"

    def figures(self, unit_id: int, number: int, level: str) -> tuple[int, ...]:
        """Return a unit's figures in the order of the slots: larger at provinces, growing slowly, never the same twice."""
        size = (10 + unit_id * 37 % 90) * (12 if level == "province" else 40 if level == "central" else 1)
        start = (unit_id * 53 + number * 101) % 1021
        found = [size * scale // 20 + number // 4 + _NOISE[(start + 29 * at) % 1021] for at, scale in enumerate(self.scale)]
        for at, most in enumerate(self.most):
            if most is not None:
                found[at] %= most + 1
        for whole, parts in self.wholes:
            found[whole] = sum(found[part] for part in parts)
        return tuple(found)

