"""The rules of accounts, as verbs: signing in, sessions, officers and their roles."""

from mattranso_app.identity.service.sessions import (
    authenticate,
    end_all_others,
    end_session,
    list_sessions,
    recheck,
    sign_out,
    touch,
)
from mattranso_app.identity.service.sign_in import (
    Challenge,
    SignedIn,
    Visit,
    request_code,
    set_first_password,
    sign_in_with_code,
    sign_in_with_password,
)
from mattranso_app.identity.service.staff import (
    NewOfficer,
    change_password,
    create_officer,
    disable_person,
    enable_person,
    grant_role,
    issue_password_code,
    list_officers,
    revoke_role,
    why_without_roles,
)

__all__ = [
    "Challenge",
    "NewOfficer",
    "SignedIn",
    "Visit",
    "authenticate",
    "change_password",
    "create_officer",
    "disable_person",
    "enable_person",
    "end_all_others",
    "end_session",
    "grant_role",
    "issue_password_code",
    "list_officers",
    "list_sessions",
    "recheck",
    "request_code",
    "revoke_role",
    "set_first_password",
    "sign_in_with_code",
    "sign_in_with_password",
    "sign_out",
    "touch",
    "why_without_roles",
]
