"""How reports of units below are put into words for a screen. Pure."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import RowMapping

from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now
from mattranso_app.core.reporting.forms import Cell
from mattranso_app.registry.service.forwarding import Forwarded
from mattranso_app.registry.service.reviewing import ReviewedReport
from mattranso_app.registry.text import upward as text


def moment(at: datetime) -> str:
    """Return a moment as people write it: "18/11/2026, 20:14"."""
    return at.astimezone(VN).strftime("%d/%m/%Y, %H:%M")


def shown(cell: Cell, value: str | None) -> str:
    """Return a value as people read it: 1.234,5 · 31/12/2026 · the name of a choice."""
    if value is None:
        return text.EMPTY_CELL
    if cell.is_number:
        whole, _, part = value.partition(".")
        grouped = f"{int(whole):,}".replace(",", ".")
        sign = "-" if value.startswith("-") and not grouped.startswith("-") else ""
        return f"{sign}{grouped},{part}" if part else f"{sign}{grouped}"
    if cell.indicator.type == "date":
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if cell.indicator.type == "choice":
        return next((option.name for option in cell.indicator.options if option.code == value), value)
    return value


def days_overdue(due_at: datetime) -> int:
    """Return the working days since a report was due, 0 while it is not."""
    local = now().astimezone(VN)
    return max(0, working_calendar().working_days_between(due_at.astimezone(VN).date(), local.date()))


def marks(row: RowMapping, due_at: datetime) -> list[str]:
    """Return what is particular about a unit's report: late, amended, gaps, explanations."""
    found = []
    is_handed = row["state"] in ("submitted", "approved")
    if row["is_late"]:
        found.append(text.LATE)
    elif not is_handed and (days := days_overdue(due_at)):
        found.append(text.OVERDUE.format(days=days))
    if row["amendments"]:
        found.append(text.AMENDED.format(count=row["amendments"]))
    if row["gaps"]:
        found.append(text.GAPS.format(count=row["gaps"]))
    if row["explanations"]:
        found.append(text.EXPLAINED.format(count=row["explanations"]))
    return found


def line(row: RowMapping, due_at: datetime) -> dict[str, str]:
    """Return a unit of the list: its name, state, marks."""
    words, kind = text.STATES[row["state"] or "none"]
    told = marks(row, row["due_at"] or due_at)
    about = [row["parent_name"], *told]
    if row["submitted_at"] is not None:
        about.append(text.SUBMITTED_AT.format(at=moment(row["submitted_at"])))
    return {
        "code": row["code"], "name": row["name"], "state": words, "kind": kind, "about": " · ".join(about),
        "revision": str(row["revision"] or 0), "plain": "" if told else "1",
    }  # fmt: skip


def figures(report: ReviewedReport) -> list[dict[str, str]]:
    """Return the cells of a report by section: value beside the last period's, what changed, gap, comments."""
    held = report.report["cells"] if report.report else {}
    gaps = report.report["gaps"] if report.report else {}
    said: dict[str, list[str]] = {}
    for comment in report.comments:
        said.setdefault(comment["key"], []).append(f"{comment['person_name']}: {comment['body']}")
    found = []
    for section in report.asked.definition.sections:
        codes = {indicator.code for indicator in section.indicators}
        for key, cell in report.asked.definition.cells.items():
            if cell.indicator.code not in codes:
                continue
            notes = [*said.get(key, ())]
            if key in gaps:
                notes.insert(0, text.GAP.format(reason=gaps[key]))
            changed = text.CHANGED.format(value=shown(cell, report.changed[key])) if key in report.changed else ""
            found.append({
                "key": key, "name": cell.name, "section": section.title, "value": shown(cell, held.get(key)),
                "before": shown(cell, report.before[key]) if key in report.before else "–", "changed": changed,
                "notes": "\n".join(notes), "measure": cell.indicator.measure, "typed": "" if cell.is_computed else "1",
            })  # fmt: skip
    return found


def history(report: ReviewedReport) -> list[dict[str, str]]:
    """Return the report's course, newest first."""
    found = []
    for row in report.history:
        notes = [row["person_name"] or "–", text.SOURCES[row["source"]]]
        if row["changes"]:
            notes.append(text.CELLS_CHANGED.format(count=len(row["changes"])))
        if row["reason"]:
            notes.append(row["reason"])
        found.append({"act": text.ACTS[row["act"]], "at": moment(row["at"]), "note": " · ".join(notes), "key": str(row["revision"])})
    return found


def sent_line(sent: Forwarded) -> str:
    """Return what was sent on, when, by whom and what became of it."""
    row = sent.row
    said = text.SENT_LINE.format(
        at=moment(row["at"]), person=row["person_name"] or "–", reports=row["reports"], expected=row["expected"],
        state=text.SENT_STATES[row["state"]],
    )
    return " · ".join(part for part in (said, row["reason"]) if part)


def sent_below(row: RowMapping) -> str:
    """Return how much a unit below has sent on, and what became of it."""
    return text.SENT_BELOW_LINE.format(reports=row["reports"], expected=row["expected"], state=text.SENT_STATES[row["state"]])


def since_line(row: RowMapping) -> str:
    """Return what came or changed after the sending."""
    return f"{row['name']}: {text.CAME_LATER if row['is_new'] else text.CHANGED_LATER}, {moment(row['at'])}"
