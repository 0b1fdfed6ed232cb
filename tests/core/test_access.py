"""The table of rights: role × action inside a unit subtree and an organisation, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.core.access import (
    ANONYMOUS,
    ANY_SIGNED_IN,
    CENTRAL_ONLY,
    CENTRAL_PATH,
    ROLE_ACTIONS,
    SYSTEM,
    Action,
    Actor,
    Grant,
    Role,
    declared_action,
    is_declared,
    may,
    needs,
    public,
    require,
    scopes,
)
from mattranso_app.core.errors import Forbidden, SignInRequired

ORGANISATIONS = ("mttq", "cong_doan", "nong_dan")
PATHS = ("vn/", "vn/01/", "vn/01/00004/", "vn/01/000041/", "vn/46/", "vn/46/19744/", "vn/46/19744/t1/")

grants = st.builds(Grant, role=st.sampled_from(Role), organisation=st.sampled_from(ORGANISATIONS), unit_path=st.sampled_from(PATHS))


def officer(*held: Grant) -> Actor:
    return Actor(kind="officer", grants=held)


@given(st.lists(grants, max_size=4), st.sampled_from(Action), st.sampled_from(PATHS), st.sampled_from(ORGANISATIONS))
def test_a_right_comes_only_from_a_grant_above_the_unit(held: list[Grant], action: Action, path: str, organisation: str) -> None:
    actor = officer(*held)
    expected = action in ANY_SIGNED_IN or any(
        path.startswith(grant.unit_path)
        and grant.organisation == organisation
        and (
            action in ROLE_ACTIONS[grant.role]
            or (action in CENTRAL_ONLY and grant.role is Role.ADMINISTRATOR and grant.unit_path == CENTRAL_PATH)
        )
        for grant in held
    )
    assert may(actor, action, path, organisation) is expected
    if action not in ANY_SIGNED_IN:
        assert any(path.startswith(prefix) for prefix in scopes(actor, action, organisation)) is expected


@given(st.sampled_from(Action), st.sampled_from(PATHS))
def test_nobody_has_nothing_and_the_platform_everything(action: Action, path: str) -> None:
    assert not may(ANONYMOUS, action, path)
    assert scopes(ANONYMOUS, action) == ()
    assert may(SYSTEM, action, path)


def test_a_code_that_begins_alike_is_no_child() -> None:
    actor = officer(Grant(Role.HANDLER, "mttq", "vn/01/00004/"))
    assert not may(actor, Action.PETITION_HANDLE, "vn/01/000041/")


def test_refusals_tell_signing_in_from_having_no_right() -> None:
    with pytest.raises(SignInRequired):
        require(ANONYMOUS, Action.PETITION_HANDLE)
    with pytest.raises(Forbidden):
        require(officer(), Action.PETITION_HANDLE)


def test_declarations() -> None:
    @needs(Action.PETITION_HANDLE)
    def guarded() -> None: ...

    @public
    def open_to_all() -> None: ...

    def forgotten() -> None: ...

    assert declared_action(guarded) is Action.PETITION_HANDLE
    assert declared_action(open_to_all) is None
    assert not is_declared(forgotten)
    with pytest.raises(LookupError):
        declared_action(forgotten)
