"""The online database as verbs: what is due, filling in and entering, what the level above looks at and decides."""

from mattranso_app.registry.service.asking import ask_reopen
from mattranso_app.registry.service.deciding import approve_reports, reopen_report, return_report
from mattranso_app.registry.service.due import DueReport, list_due
from mattranso_app.registry.service.entering import save_reports, submit_report
from mattranso_app.registry.service.filling import CellNotes, Filling, comment_cell, open_report, read_cell
from mattranso_app.registry.service.forwarding import Forwarded, decide_forward, forward_reports, view_forward
from mattranso_app.registry.service.groups import (
    MadeLink,
    Offered,
    group_forms,
    list_links,
    look_at_link,
    make_links,
    report_by_link,
    revoke_links,
)
from mattranso_app.registry.service.reviewing import list_review, open_review

__all__ = [
    "CellNotes",
    "DueReport",
    "Filling",
    "Forwarded",
    "MadeLink",
    "Offered",
    "approve_reports",
    "ask_reopen",
    "comment_cell",
    "decide_forward",
    "forward_reports",
    "group_forms",
    "list_due",
    "list_links",
    "list_review",
    "look_at_link",
    "make_links",
    "open_report",
    "open_review",
    "read_cell",
    "reopen_report",
    "report_by_link",
    "return_report",
    "revoke_links",
    "save_reports",
    "submit_report",
    "view_forward",
]
