"""The online database as verbs: entering and submitting in `entering`, what the level above decides in `deciding`."""

from mattranso_app.registry.service.deciding import approve_reports, reopen_report, return_report
from mattranso_app.registry.service.entering import save_reports, submit_report

__all__ = ["approve_reports", "reopen_report", "return_report", "save_reports", "submit_report"]
