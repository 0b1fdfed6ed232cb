"""The rules of petitions, as verbs: taking in (`submitting`), reading, handling, and the sealed contact."""

from mattranso_app.petitions.service.claiming import claim
from mattranso_app.petitions.service.contact import read_contact, withdraw_contact
from mattranso_app.petitions.service.evidence import remove_evidence
from mattranso_app.petitions.service.handling import (
    approve_answer,
    attach_evidence,
    publish_question,
    return_answer,
    save_draft,
    submit_answer,
    take_up,
    withhold_question,
)
from mattranso_app.petitions.service.reading import (
    Figures,
    count_public,
    count_queue,
    current_version,
    desk_unit,
    fetch_public,
    follow,
    get_for_officer,
    get_public,
    latest_answers,
    list_mine,
    list_public,
    list_queue,
    national_figures,
    public_filter,
    search_public,
)
from mattranso_app.petitions.service.submitting import Destination, Sent, explain_destination, photo_problem, submit_petition

__all__ = [
    "Destination", "Figures", "Sent", "approve_answer", "attach_evidence", "claim", "count_public", "count_queue",
    "current_version", "desk_unit", "explain_destination", "fetch_public", "follow", "get_for_officer", "get_public",
    "latest_answers", "list_mine",
    "list_public", "list_queue", "national_figures", "photo_problem", "public_filter", "publish_question", "read_contact",
    "remove_evidence", "return_answer", "save_draft", "search_public", "submit_answer", "submit_petition", "take_up",
    "withdraw_contact", "withhold_question",
]
