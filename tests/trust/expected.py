"""What may be done by whom, written down by hand: the tests compare it with what the code declares and with what it does.

Who adds a route, an event handler, a live topic, a kind of files or a search source adds its line here; without one the
tests of trust fail and name it.
"""

from __future__ import annotations

PUBLIC = "public"
SIGNED_IN = "account.own"

RIGHTS = {
    "petition.read": ("reader", "handler", "approver"),
    "petition.read_contact": ("handler", "approver"),
    "petition.handle": ("handler",),
    "petition.approve": ("approver",),
    "staff.manage": ("administrator",),
    "unit.manage_groups": ("administrator",),
    "audit.read": ("administrator",),
    "unit.import": ("central administrator",),
    "account.own": ("everyone signed in",),
}
"""Action → roles that carry it inside their units and organisation."""

ROUTES = {
    "GET /api/v1/me": PUBLIC,
    "GET /api/v1/petition-destination": PUBLIC,
    "GET /api/v1/petitions": PUBLIC,
    "GET /api/v1/petitions/{number}": PUBLIC,
    "GET /api/v1/units": PUBLIC,
    "GET /api/v1/units/{code}": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /live/{topic:path}.json": PUBLIC,  # each topic says itself who may read it, see TOPICS
    "GET /live/{topic:path}/stream": PUBLIC,
    "GET /metrics": PUBLIC,  # for callers on the machine itself; for others it does not exist
    "GET /readyz": PUBLIC,
    "GET /tep/{id}": PUBLIC,  # each kind of files has a reader, see FILES
    "GET /toi-gian": PUBLIC,
    "GET /toi-gian/gui": PUBLIC,
    "GET /toi-gian/phan-anh": PUBLIC,
    "GET /toi-gian/phan-anh/{number}": PUBLIC,
    "GET /toi-gian/theo-doi": PUBLIC,
    "GET /toi-gian/{rest:path}": PUBLIC,  # what does not exist
    "POST /api/v1/me/tiep-tuc": SIGNED_IN,
    "POST /api/v1/petitions-follow": PUBLIC,
    "POST /api/v1/sessions/end-others": SIGNED_IN,
    "POST /api/v1/sessions/{session_id}/end": SIGNED_IN,
    "POST /dang-nhap/can-bo": PUBLIC,
    "POST /dang-nhap/lan-dau": PUBLIC,
    "POST /dang-nhap/ma": PUBLIC,
    "POST /dang-nhap/xac-nhan": PUBLIC,
    "POST /dang-xuat": PUBLIC,
    "POST /phan-anh/ban-lam-viec/tep": "petition.handle",
    "POST /phan-anh/gui": PUBLIC,
    "POST /tai-khoan/mat-khau": SIGNED_IN,
    "POST /toi-gian/gui": PUBLIC,
    "POST /toi-gian/theo-doi": PUBLIC,
    "POST /toi-gian/{rest:path}": PUBLIC,
}

HANDLERS = {
    "account_state.end": SIGNED_IN,
    "account_state.load": SIGNED_IN,
    "desk_state.approve": "petition.approve",
    "desk_state.choose_outcome": "petition.handle",
    "desk_state.close": "petition.read",
    "desk_state.load": "petition.read",
    "desk_state.load_more": "petition.read",
    "desk_state.open": "petition.read",
    "desk_state.publish_question": "petition.handle",
    "desk_state.read_contact": "petition.read_contact",
    "desk_state.refresh": "petition.read",
    "desk_state.return_answer": "petition.approve",
    "desk_state.save_draft": "petition.handle",
    "desk_state.submit_answer": "petition.handle",
    "desk_state.take_up": "petition.handle",
    "desk_state.withhold_question": "petition.handle",
    "follow_state.follow": PUBLIC,
    "messages_state.load": PUBLIC,  # refuses outside a demonstration
    "mine_state.load": SIGNED_IN,
    "notice_state.dismiss": PUBLIC,
    "notice_state.show": PUBLIC,  # the own tab only
    "public_list_state.load": PUBLIC,
    "sign_in_state.load": PUBLIC,
}

TOPICS = {
    "desk/{unit}": "petition.read",  # on that unit
    "petitions": PUBLIC,
    "petitions/{number}": PUBLIC,  # the published part
    "portal": PUBLIC,
}

FILES = {"petition": "petition.read"}
"""Kind of files → who reads private ones, on the unit they belong to."""

SOURCES = {"petitions": PUBLIC}
"""Search sources; all hold public texts only."""
