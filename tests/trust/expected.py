"""What may be done by whom, written down by hand: the tests compare it with what the code declares and with what it does.

Who adds a route, an event handler, a live topic, a kind of files or a search source adds its line here; without one the
tests of trust fail and name it.
"""

from __future__ import annotations

PUBLIC = "public"
SIGNED_IN = "account.own"
READS_OWN = "account.read"
BY_TOKEN = "a bearer token; no session opens it"

RIGHTS = {
    "petition.read": ("reader", "handler", "approver"),
    "petition.read_contact": ("handler", "approver"),
    "petition.handle": ("handler",),
    "petition.approve": ("approver",),
    "staff.manage": ("administrator",),
    "unit.manage_groups": ("administrator",),
    "audit.read": ("administrator",),
    "unit.import": ("central administrator",),
    "application.manage": ("central administrator",),
    "account.own": ("everyone signed in",),
    "account.read": ("everyone signed in",),
}
"""Action → roles that carry it inside their units and organisation."""

EVERY_ORGANISATION = ("staff.manage",)
"""Acts that every organisation does for itself; what the others are about belongs to Mặt trận alone.

A door lets in who holds the action for any organisation; the service behind it refuses what is another organisation's.
"""

ROUTES = {
    "GET /api/v1/desk/petitions": "petition.read",
    "GET /api/v1/me": PUBLIC,
    "GET /api/v1/me/petitions": READS_OWN,
    "GET /api/v1/petition-destination": PUBLIC,
    "GET /api/v1/petitions": PUBLIC,
    "GET /api/v1/petitions/{number}": PUBLIC,
    "GET /api/v1/units": PUBLIC,
    "GET /api/v1/units/{code}": PUBLIC,
    "GET /.well-known/openid-configuration": PUBLIC,
    "GET /don-vi/to-dan-pho/mau.xlsx": "unit.manage_groups",
    "GET /dang-nhap/buoc-hai": PUBLIC,
    "GET /dang-nhap/{provider}": PUBLIC,
    "GET /dang-nhap/{provider}/callback": PUBLIC,
    "GET /dang-nhap/{provider}/lan-dau": PUBLIC,
    "GET /dang-nhap/passkey": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /live/{topic:path}.json": PUBLIC,  # each topic says itself who may read it, see TOPICS
    "GET /live/{topic:path}/stream": PUBLIC,
    "GET /metrics": PUBLIC,  # for callers on the machine itself; for others it does not exist
    "GET /oauth/authorize": PUBLIC,  # the protocol says itself what it gives to whom
    "GET /oauth/end_session": PUBLIC,
    "GET /oauth/jwks": PUBLIC,
    "GET /oauth/userinfo": BY_TOKEN,
    "GET /readyz": PUBLIC,
    "GET /tep/{id}": PUBLIC,  # each kind of files has a reader, see FILES
    "GET /tai-khoan/bao-mat": SIGNED_IN,
    "GET /tai-khoan/bao-mat/passkey": SIGNED_IN,
    "GET /tai-khoan/bao-mat/them": SIGNED_IN,
    "GET /tai-khoan/ung-dung": "application.manage",
    "GET /tai-khoan/ung-dung-da-dong-y": SIGNED_IN,
    "GET /tai-khoan/khoa-truy-cap": SIGNED_IN,
    "GET /tai-khoan/ung-dung-moi": "application.manage",
    "GET /tai-khoan/ung-dung/{client_id}": "application.manage",
    "GET /tai-khoan/ung-dung/{client_id}/sua": "application.manage",
    "GET /tai-khoan/lien-ket": SIGNED_IN,
    "GET /tai-khoan/xac-nhan-thong-tin": SIGNED_IN,  # citizens' own data; officers are told so
    "GET /tai-khoan/xac-minh": SIGNED_IN,
    "GET /trinh-dien/vneid/cho-phep": PUBLIC,  # refuses outside a demonstration
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
    "POST /dang-nhap/buoc-hai": PUBLIC,
    "POST /dang-nhap/buoc-hai/passkey": PUBLIC,  # with the first step's cookie only
    "POST /dang-nhap/can-bo": PUBLIC,
    "POST /dang-nhap/lan-dau": PUBLIC,
    "POST /dang-nhap/ma": PUBLIC,
    "POST /dang-nhap/passkey": PUBLIC,
    "POST /dang-nhap/passkey/thach-thuc": PUBLIC,
    "POST /dang-nhap/xac-nhan": PUBLIC,
    "POST /dang-nhap/{provider}/backchannel-logout": PUBLIC,  # the token says itself who made it
    "POST /dang-nhap/{provider}/lan-dau": PUBLIC,
    "POST /dang-xuat": PUBLIC,
    "POST /don-vi/to-dan-pho/excel": "unit.manage_groups",
    "POST /phan-anh/ban-lam-viec/nhap": "petition.handle",
    "POST /oauth/authorize": PUBLIC,
    "POST /oauth/consent": PUBLIC,
    "POST /oauth/end_session": PUBLIC,
    "POST /oauth/token": PUBLIC,
    "POST /oauth/userinfo": BY_TOKEN,
    "POST /phan-anh/ban-lam-viec/tep": "petition.handle",
    "POST /phan-anh/gui": PUBLIC,
    "POST /tai-khoan/bao-mat/bo-qua": SIGNED_IN,
    "POST /tai-khoan/bao-mat/ma-du-phong": SIGNED_IN,
    "POST /tai-khoan/bao-mat/passkey": SIGNED_IN,
    "POST /tai-khoan/bao-mat/passkey/thach-thuc": SIGNED_IN,
    "POST /tai-khoan/bao-mat/passkey/them": SIGNED_IN,
    "POST /tai-khoan/bao-mat/them": SIGNED_IN,
    "POST /tai-khoan/bao-mat/xac-nhan": SIGNED_IN,
    "POST /tai-khoan/bao-mat/{factor_id}/go": SIGNED_IN,
    "POST /tai-khoan/khoa-truy-cap": SIGNED_IN,
    "POST /tai-khoan/khoa-truy-cap/{token_id}/thu-hoi": SIGNED_IN,
    "POST /tai-khoan/lien-ket/bo-qua": SIGNED_IN,
    "POST /tai-khoan/lien-ket/xac-nhan": SIGNED_IN,
    "POST /tai-khoan/lien-ket/{provider}/go": SIGNED_IN,
    "POST /tai-khoan/lien-ket/{provider}/them": SIGNED_IN,
    "POST /tai-khoan/mat-khau": SIGNED_IN,
    "POST /tai-khoan/ung-dung-da-dong-y/rut": SIGNED_IN,
    "POST /tai-khoan/ung-dung-moi": "application.manage",
    "POST /tai-khoan/ung-dung/{client_id}/khoa-bi-mat": "application.manage",
    "POST /tai-khoan/ung-dung/{client_id}/mo-lai": "application.manage",
    "POST /tai-khoan/ung-dung/{client_id}/ngung": "application.manage",
    "POST /tai-khoan/ung-dung/{client_id}/sua": "application.manage",
    "POST /tai-khoan/xac-minh": SIGNED_IN,
    "POST /tai-khoan/xac-nhan-thong-tin": SIGNED_IN,
    "POST /trinh-dien/vneid/dong-y": PUBLIC,  # refuses outside a demonstration
    "POST /tai-khoan/xac-minh/passkey": SIGNED_IN,
    "POST /toi-gian/gui": PUBLIC,
    "POST /toi-gian/theo-doi": PUBLIC,
    "POST /toi-gian/{rest:path}": PUBLIC,
}

HANDLERS = {
    "account_state.end": SIGNED_IN,
    "account_state.end_others": SIGNED_IN,
    "account_state.load": SIGNED_IN,
    "desk_state.choose_unit": "petition.read",
    "follow_state.follow": PUBLIC,
    "groups_state.add": "unit.manage_groups",
    "groups_state.choose": "unit.manage_groups",
    "groups_state.close": "unit.manage_groups",
    "groups_state.load": "unit.manage_groups",
    "groups_state.look_again": "unit.manage_groups",
    "groups_state.rename": "unit.manage_groups",
    "messages_state.load": PUBLIC,  # refuses outside a demonstration
    "mine_state.claim": SIGNED_IN,
    "mine_state.load": SIGNED_IN,
    "notice_state.dismiss": PUBLIC,
    "notice_state.show": PUBLIC,  # the own tab only
    "officer_state.load": PUBLIC,  # own unit only; empty for who is no officer
    "petition_state.approve": "petition.approve",
    "petition_state.load": "petition.read",
    "petition_state.look_at_files": "petition.handle",
    "petition_state.publish_question": "petition.handle",
    "petition_state.read_contact": "petition.read_contact",
    "petition_state.refresh": "petition.read",
    "petition_state.remove_file": "petition.handle",
    "petition_state.return_answer": "petition.approve",
    "petition_state.show_changed": "petition.read",
    "petition_state.submit_answer": "petition.handle",
    "petition_state.take_up": "petition.handle",
    "petition_state.withhold_question": "petition.handle",
    "public_list_state.load": PUBLIC,
    "sign_in_state.load": PUBLIC,
    "staff_state.add": "staff.manage",
    "staff_state.disable": "staff.manage",
    "staff_state.enable": "staff.manage",
    "staff_state.give_code": "staff.manage",
    "staff_state.grant": "staff.manage",
    "staff_state.load": "staff.manage",
    "staff_state.reset_factors": "staff.manage",
    "staff_state.revoke": "staff.manage",
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

READS = "reads only"
VERBS = {
    "identity.accept_transfer": "staff.transfer",
    "identity.add_passkey": "factor.add",
    "identity.authenticate": READS,
    "identity.authenticate_token": "no row: when a token was used last stands beside it; a row a request would drown the log",
    "identity.begin_totp": "factor.begin",
    "identity.cancel_totp": "factor.cancel",
    "identity.change_password": "password.change",
    "identity.confirm_totp": "factor.add",
    "identity.create_officer": "staff.create",
    "identity.create_token": "token.create",
    "identity.delegate": "staff.delegate",
    "identity.disable_person": "staff.disable",
    "identity.enable_person": "staff.enable",
    "identity.end_all_others": "session.end_others",
    "identity.end_delegation": "staff.end_delegation",
    "identity.end_session": "session.end",
    "identity.end_transfer": "staff.transfer_end",
    "identity.finish_sign_in": "session.sign_in",
    "identity.finish_with_passkey": "session.sign_in",
    "identity.get_lending": READS,
    "identity.grant_role": "staff.grant",
    "identity.issue_password_code": "staff.password_code",
    "identity.list_delegations": READS,
    "identity.list_factors": READS,
    "identity.list_officers": READS,
    "identity.list_sessions": READS,
    "identity.list_tokens": READS,
    "identity.list_transfers": READS,
    "identity.propose_transfer": "staff.transfer_propose",
    "identity.options_for_step": "no row: bytes to be signed, void in five minutes",
    "identity.options_to_add": "no row: bytes to be signed, void in five minutes",
    "identity.options_to_prove": "no row: bytes to be signed, void in five minutes",
    "identity.options_to_sign_in": "no row: bytes to be signed, void in five minutes",
    "identity.prove": "session.prove",
    "identity.prove_with_passkey": "session.prove",
    "identity.recheck": READS,
    "identity.remove_factor": "factor.remove",
    "identity.renew_recovery_codes": "factor.recovery_codes",
    "identity.request_code": "code.request",
    "identity.reset_factors": "staff.reset_factors",
    "identity.revoke_role": "staff.revoke",
    "identity.revoke_token": "token.revoke",
    "identity.set_first_password": "session.sign_in",  # after its row "password.set"
    "identity.sign_in_with_code": "session.sign_in",
    "identity.sign_in_with_password": "session.sign_in",
    "identity.sign_in_with_passkey": "session.sign_in",
    "identity.sign_out": "session.sign_out",
    "identity.step_ways": READS,
    "identity.touch": "no row: a sign of life every minute would drown the log",
    "identity.way_to_prove": READS,
    "identity.who_may": READS,
    "identity.why_without_roles": READS,
    "petitions.approve_answer": "petition.approve_answer",
    "petitions.attach_evidence": "petition.attach",
    "petitions.claim": "petition.claim",
    "petitions.count_public": READS,
    "petitions.count_queue": READS,
    "petitions.desk_unit": READS,
    "petitions.explain_destination": READS,
    "petitions.fetch_public": READS,
    "petitions.follow": READS,
    "petitions.current_version": READS,
    "petitions.get_for_officer": READS,
    "petitions.get_public": READS,
    "petitions.latest_answers": READS,
    "petitions.list_mine": READS,
    "petitions.list_public": READS,
    "petitions.list_queue": READS,
    "petitions.national_figures": READS,
    "petitions.public_filter": READS,
    "petitions.publish_question": "petition.publish_question",
    "petitions.read_contact": "petition.read_contact",
    "petitions.remove_evidence": "petition.detach",
    "petitions.return_answer": "petition.return_answer",
    "petitions.save_draft": "no row: an unfinished text of one's own, kept every few seconds",
    "petitions.search_public": READS,
    "petitions.submit_answer": "petition.submit_answer",
    "petitions.submit_petition": "petition.submit",
    "petitions.take_up": "petition.take_up",
    "petitions.withhold_question": "petition.withhold_question",
    "units.glimpse_unit": READS,
    "units.add_group": "unit.group_add",
    "units.apply_groups_import": "unit.groups_import",
    "units.close_group": "unit.group_close",
    "units.find_groups": READS,
    "units.find_units": READS,
    "units.get_organisations": READS,
    "units.get_unit": READS,
    "units.get_unit_by_code": READS,
    "units.get_units": READS,
    "units.groups_sheet": READS,
    "units.list_units": READS,
    "units.lookup": READS,
    "units.plan_groups_import": READS,
    "units.rename_group": "unit.group_rename",
}
"""Service verb → the audit row it writes in its own transaction, or why it writes none."""
