"""How petitions are put into words for a screen: dates, deadlines, statuses. Pure; used by states, topics and plain pages."""

from __future__ import annotations

from datetime import date, datetime

from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now
from mattranso_app.petitions import text
from mattranso_app.petitions.models import Outcome, State
from mattranso_app.petitions.shapes import Deadline, PublicItem, PublicPetition, QueueItem, TimelineStep, UnitRef

_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_OUTCOME_KINDS = {Outcome.SOLVED: "ok", Outcome.PARTLY: "wait", Outcome.EXPLAINED: "ok", Outcome.REFUSED: "plain"}


def moment(at: datetime) -> str:
    """Return a moment as people write it: "18/11/2026, 20:14"."""
    return at.astimezone(VN).strftime("%d/%m/%Y, %H:%M")


def short_moment(at: datetime) -> str:
    """Return a moment without its year when it is this year's: "18/11, 20:14"."""
    local = at.astimezone(VN)
    return local.strftime("%d/%m, %H:%M") if local.year == now().astimezone(VN).year else local.strftime("%d/%m/%Y")


def day_of(at: datetime) -> str:
    """Return a day with its name: "thứ Sáu 27/11/2026"."""
    local = at.astimezone(VN)
    return f"{_DAYS[local.weekday()]} {local:%d/%m/%Y}"


def number(value: int) -> str:
    """Return a figure the Vietnamese way: 1.284."""
    return f"{value:,}".replace(",", ".")


def share(part: int, whole: int) -> str:
    """Return a percentage the Vietnamese way, "96,2 %"; a dash when there is nothing to divide."""
    return f"{100 * part / whole:.1f} %".replace(".", ",") if whole else "–"


def unit_words(unit: UnitRef) -> str:
    """Return a unit with its province: "Phường Phú Xuân, Thành phố Huế"."""
    return f"{unit.name}, {unit.province}" if unit.province else unit.name


def status(state: str, outcome: str | None) -> tuple[str, str]:
    """Return (words, kind) of what citizens read as the status."""
    if outcome is not None:
        return text.OUTCOMES[outcome], _OUTCOME_KINDS[Outcome(outcome)]
    if state == State.RECEIVED:
        return text.PUBLIC_STATES[state], "wait"
    return text.PUBLIC_STATES[state], "go"


def due_left(due_at: datetime, answered_at: datetime | None = None) -> tuple[str, str]:
    """Return (words, kind) of how much time is left until `due_at`, in working days."""
    if answered_at is not None:
        return (text.ANSWERED_IN_TIME, "ok") if answered_at <= due_at else (text.ANSWERED_LATE, "late")
    today: date = now().astimezone(VN).date()
    due: date = due_at.astimezone(VN).date()
    if due_at < now():
        return text.OVERDUE, "late"
    if due == today:
        return text.DUE_TODAY, "late"
    days = working_calendar().working_days_between(today, due)
    return text.DUE_IN.format(days=max(days, 1)), "wait" if days <= 2 else "go"


def due_share(created_at: datetime, due_at: datetime) -> float:
    """Return how much of the time between both has passed, 0…1."""
    whole = (due_at - created_at).total_seconds()
    return round(min(1.0, max(0.0, (now() - created_at).total_seconds() / whole)), 3) if whole > 0 else 1.0


def rule_words(deadline: Deadline) -> str:
    """Return the promise in words."""
    return text.RULE.format(days=deadline.working_days)


def timeline(steps: list[TimelineStep], is_open: bool, due_at: datetime) -> list[dict[str, str]]:
    """Return the steps for a screen; an open petition ends with the step that is to come."""
    drawn = [
        {"name": text.TIMELINE[step.step], "at": short_moment(step.at), "note": step.note or step.unit, "state": "done"}
        for step in steps
    ]
    if is_open and drawn:
        drawn[-1]["state"] = "now"
        drawn.append({"name": text.STEP_ANSWER, "at": "", "note": text.EXPECTED.format(day=day_of(due_at)), "state": "next"})
    return drawn


def item(row: PublicItem) -> dict[str, str]:
    """Return a row of the public list for a screen."""
    words, kind = status(row.state, row.outcome)
    about = [unit_words(row.unit), text.KINDS[row.kind]]
    if row.evidence:
        about.append(text.WITH_FILES.format(count=row.evidence))
    if row.is_sample:
        about.append(text.SAMPLE)
    return {
        "number": row.number, "title": row.title, "status": words, "status_kind": kind, "snippet": "",
        "when": short_moment(row.answered_at or row.published_at), "about": " · ".join(about),
    }


def queue_line(row: QueueItem) -> dict[str, str | bool]:
    """Return a row of a desk for a screen."""
    words, kind = due_left(row.due_at, row.answered_at)
    if row.state == State.RECEIVED and kind == "go":
        words, kind = text.NEW, "go"
    about = [part for part in (row.place, text.KINDS[row.kind], row.created_at.astimezone(VN).strftime("%d/%m")) if part]
    return {
        "number": row.number, "title": row.title, "due_words": words, "due_kind": kind, "about": " · ".join(about),
        "has_draft": row.has_my_draft,
    }


def petition(row: PublicPetition) -> dict[str, object]:
    """Return one petition for the public page: the snapshot of its live topic."""
    words, kind = status(row.state, row.outcome)
    is_open = row.answered_at is None
    left, _ = due_left(row.deadline.due_at, row.answered_at)
    notice = ""
    if row.publication == "pending":
        notice = text.NOT_PUBLIC_YET
    elif row.publication == "withheld":
        notice = text.WITHHELD.format(reason=row.withheld_reason)
    return {
        "number": row.number, "kind": text.KINDS[row.kind], "status": words, "status_kind": kind, "title": row.title,
        "unit": unit_words(row.unit), "sent": moment(row.created_at), "is_sample": row.is_sample,
        "due": day_of(row.deadline.due_at) if is_open else "", "due_left": left, "due_rule": rule_words(row.deadline),
        "due_basis": row.deadline.basis, "due_share": due_share(row.created_at, row.deadline.due_at),
        "body": row.body, "place": row.place, "notice": notice, "photos": [str(file.id) for file in row.photos],
        "answer": row.answer.body if row.answer else "",
        "answer_heading": f"{words} · {moment(row.answer.at)}" if row.answer else "",
        "answer_files": [{"id": str(file.id), "name": file.name} for file in row.answer.files] if row.answer else [],
        "timeline": timeline(row.timeline, is_open, row.deadline.due_at),
    }
