"""Queries of the petitions, and nothing but queries: `public` (what everyone may read), `desk` (what a unit's officers
see), `figures` (counts), `writes` (rows of a transaction). Who may ask is the services' affair."""

from mattranso_app.petitions.store.desk import (
    TABS,
    count_tabs,
    fetch_answers_and_draft,
    fetch_events,
    fetch_queue,
    queue_cursor,
)
from mattranso_app.petitions.store.figures import fetch_national, fetch_unit
from mattranso_app.petitions.store.public import (
    PublicFilter,
    count_public,
    fetch_approved_answer,
    fetch_by_number,
    fetch_by_receipt,
    fetch_latest_answers,
    fetch_public_items,
    fetch_public_page,
    fetch_published_texts,
    fetch_sent_by,
    fetch_timeline,
)
from mattranso_app.petitions.store.writes import (
    decide_answer,
    delete_draft,
    fetch_by_client_key,
    fetch_contact,
    fetch_latest_answer,
    fetch_published_ids,
    follow_merges,
    hold_unit,
    is_in_an_answer,
    lock_petition,
    save_answer,
    save_draft,
    save_event,
    save_petition,
    save_public_copy,
)

__all__ = [
    "TABS", "PublicFilter", "count_public", "count_tabs", "decide_answer", "delete_draft", "fetch_answers_and_draft",
    "fetch_approved_answer", "fetch_by_client_key", "fetch_by_number", "fetch_by_receipt", "fetch_contact",
    "fetch_events", "fetch_latest_answer", "fetch_latest_answers", "fetch_national",
    "fetch_public_items", "fetch_public_page", "fetch_published_ids", "fetch_published_texts", "fetch_queue", "fetch_sent_by",
    "fetch_timeline", "fetch_unit", "follow_merges", "hold_unit", "is_in_an_answer", "lock_petition", "queue_cursor",
    "save_answer", "save_draft", "save_event", "save_petition", "save_public_copy",
]
