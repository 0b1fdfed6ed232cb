"""What a provider says about a person, whatever it is: read cleanly or refused, never anything else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.identity.outside.attempts import Attempt, add, find, new_attempt, without
from mattranso_app.identity.outside.claims import FEDERATED, METHODS, BadAnswer, read
from mattranso_app.settings import OutsideProvider

PROVIDER = OutsideProvider(
    name="vneid", label="VNeID", profile="vneid", issuer="https://vneid.example", client_id="a",
    claims={"name": "citizen.full_name", "number": "citizen.id"}, second_factor_acr=("level2",),
)
RIGHT = {"sub": "x", "auth_time": 1_780_000_000, "acr": "level2"}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=120),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=12,
)
names = st.sampled_from(["sub", "auth_time", "acr", "amr", "sid", "citizen", "citizen.id", "citizen.full_name", "name"])


@given(st.dictionaries(names | st.text(max_size=8), anything), st.booleans())
def test_whatever_is_said(told, is_framed):
    """No claim makes it stumble, and what comes out may be stored, shown and compared."""
    try:
        found = read(PROVIDER, {**RIGHT, **told} if is_framed else told)
    except BadAnswer:
        return
    assert 1 <= len(found.subject) <= 255 and found.level in (0, 1, 2) and found.proved_at > 0
    assert len(found.name) <= 100 and not any(unicodedata.category(sign) in ("Cc", "Cs", "Co") for sign in found.name)
    assert found.name == unicodedata.normalize("NFC", found.name).strip()
    assert found.number == "" or (len(found.number) == 12 and found.number.isascii() and found.number.isdigit())
    assert found.methods[0] == FEDERATED and set(found.methods) <= METHODS | {FEDERATED, "mfa"}
    assert ("mfa" in found.methods) == (found.level == 2 and {**RIGHT, **told}.get("acr") == "level2")


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.text(st.characters(categories=["L"]), min_size=1, max_size=40))
def test_the_way_into_an_object_and_a_name_with_a_dot(number, name):
    nested = read(PROVIDER, {**RIGHT, "citizen": {"id": number, "full_name": name}})
    flat = read(PROVIDER, {**RIGHT, "citizen.id": number, "citizen.full_name": name})
    assert nested == flat and nested.number == number


@pytest.mark.parametrize("number", [
    "1" * 11, "1" * 13, "12345678901a", " 123456789012", "１２３４５６７８９０１２", 123456789012, ["1" * 12],
])
def test_identity_numbers_that_are_none(number):
    with pytest.raises(BadAnswer):
        read(PROVIDER, {**RIGHT, "citizen": {"id": number}})


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=500), max_size=6))
def test_attempts_in_a_cookie(followings):
    """The newest always fits and is found; an answered one is gone, the others stay; the cookie stays small."""
    cookie, made = "", []
    for following in followings:
        made.append(new_attempt("vneid", following))
        cookie = add(cookie, made[-1])
        assert find(cookie, "vneid", made[-1].state) == made[-1] and len(cookie) <= 3_600
        assert made[-1].verifier not in cookie and made[-1].state not in cookie
    for attempt in made:
        left = without(cookie, attempt)
        assert find(left, "vneid", attempt.state) is None
        assert [find(left, "vneid", other.state) for other in made if other != attempt] == [
            find(cookie, "vneid", other.state) for other in made if other != attempt
        ]


@given(st.text(max_size=300))
def test_a_cookie_somebody_made_up(cookie):
    assert find(cookie, "vneid", "x") is None and isinstance(without(cookie, Attempt("", "", "", "", "", "", 0)), str)
