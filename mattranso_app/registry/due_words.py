"""A report that is due, in words, as the tool's home lists it."""

from __future__ import annotations

from mattranso_app.core.clock import VN, now
from mattranso_app.registry.service import DueReport
from mattranso_app.registry.text import entry as text


def due_item(due: DueReport) -> dict[str, str]:
    """Return the words of one report: title, period, whose, state, progress, when it is due, where it opens."""
    asked = due.asked
    state, kind = text.STATES[due.state]
    is_open = due.state in ("none", "draft", "returned")
    is_late = is_open and now() > due.due_at
    if due.needed:
        words = text.ALL_FILLED if due.filled == due.needed else text.FILLED
        progress = words.format(filled=due.filled, needed=due.needed)
    else:
        progress = text.NONE_REQUIRED.format(filled=due.filled)
    act = {"none": text.FILL, "draft": text.CONTINUE, "returned": text.CORRECT}.get(due.state, text.LOOK)
    return {
        "key": f"{asked.version.code}/{asked.period.key}/{asked.organisation}/{due.unit.code}",
        "href": f"/csdl/nhap/{asked.version.code}/{asked.period.key}/{asked.organisation}/{due.unit.code}",
        "title": asked.definition.title,
        "period": asked.period.label,
        "whose": f"{due.organisation_name} · {due.unit.name}",
        "state": text.LATE[0] if is_late and due.state != "returned" else state,
        "kind": "late" if is_late else kind,
        "progress": progress,
        "filled": str(due.filled),
        "needed": str(due.needed),
        "due": _when(due, is_open),
        "reason": due.reason,
        "act": act if due.may_enter else text.LOOK,
        "group": "returned" if due.state == "returned" else "open" if is_open else "done",
    }


def _when(due: DueReport, is_open: bool) -> str:
    day = due.due_at.astimezone(VN)
    if not is_open and due.report is not None and due.report["submitted_at"] is not None:
        words = text.SUBMITTED_LATE if due.report["is_late"] else text.SUBMITTED_ON
        return words.format(day=f"{due.report['submitted_at'].astimezone(VN):%d/%m/%Y}")
    left = (day.date() - now().astimezone(VN).date()).days
    names = {"weekday": text.WEEKDAYS[day.weekday()], "day": f"{day:%d/%m/%Y}", "days": abs(left)}
    return (text.DUE_PASSED if left < 0 else text.DUE_TODAY if left == 0 else text.DUE_IN).format(**names)
