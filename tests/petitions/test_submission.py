"""What a citizen sends, field by field: a clear message for each fault, and nothing odd ever gets through."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattranso_app.core.errors import InvalidInput
from mattranso_app.petitions import text
from mattranso_app.petitions.submission import (
    BODY_LIMIT,
    PLACE_LIMIT,
    TITLE_LIMIT,
    Submission,
    check_client_key,
    check_submission,
    first_sentence,
)
from tests.petitions.factories import BODY, fields, new_key, submission

ANYTHING = st.text(max_size=400) | st.text(st.characters(categories=("Cc", "Cf", "Cs", "Mn", "Zs")), max_size=60)
LONG = "Đường hỏng. " * 5_000


def faults(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        check_submission(fields(**changes))
    assert refused.value.text == text.SOMETHING_WRONG
    return refused.value.fields


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": ""}, {"kind": text.KIND_UNKNOWN}),
        ({"kind": "khac"}, {"kind": text.KIND_UNKNOWN}),
        ({"kind": None}, {"kind": text.KIND_UNKNOWN}),
        ({"kind": ["phan_anh"]}, {"kind": text.KIND_UNKNOWN}),
        ({"kind": "khieu_nai"}, {"kind": text.COMPLAINT_DOOR}),
        ({"kind": "to_cao"}, {"kind": text.DENUNCIATION_DOOR}),
        ({"body": ""}, {"body": text.BODY_MISSING}),
        ({"body": " \n\t\u200b\u202e"}, {"body": text.BODY_MISSING}),
        ({"body": None}, {"body": text.BODY_MISSING}),
        ({"body": {"a": 1}}, {"body": text.BODY_MISSING}),
        ({"body": "Hỏng đường"}, {"body": text.BODY_SHORT}),
        ({"body": LONG}, {"body": text.TOO_LONG.format(limit="5.000")}),
        ({"title": LONG}, {"title": text.TOO_LONG.format(limit="150")}),
        ({"place": LONG}, {"place": text.TOO_LONG.format(limit="200")}),
        ({"title": 7}, {"title": text.WRONG_VALUE}),
        ({"unit": ""}, {"unit": text.UNIT_MISSING}),
        ({"unit": "19774; --"}, {"unit": text.UNIT_MISSING}),
        ({"unit": "1" * 500}, {"unit": text.UNIT_MISSING}),
        ({"unit": None}, {"unit": text.UNIT_MISSING}),
        ({"phone": "123", "consent": True}, {"phone": text.PHONE_WRONG}),
        ({"phone": "a@b.vn", "consent": True}, {"phone": text.PHONE_WRONG}),
        ({"phone": "9" * 400, "consent": True}, {"phone": text.PHONE_WRONG}),
        ({"phone": ["0912345678"], "consent": True}, {"phone": text.PHONE_WRONG}),
        ({"email": "ten@", "consent": True}, {"email": text.EMAIL_WRONG}),
        ({"email": "0912345678", "consent": True}, {"email": text.EMAIL_WRONG}),
        ({"phone": "0912345678"}, {"consent": text.CONSENT_MISSING}),
        ({"phone": "0912345678", "consent": "không"}, {"consent": text.CONSENT_MISSING}),
        ({"contact": "ten@", "consent": True}, {"contact": text.EMAIL_WRONG}),
        ({"contact": "12", "consent": True}, {"contact": text.PHONE_WRONG}),
        ({"contact": {"x": 1}, "consent": True}, {"contact": text.PHONE_WRONG}),
        ({"website": "http://ban-hang.vn"}, {"body": text.LOOKS_LIKE_A_PROGRAM}),
    ],
)
def test_each_fault_has_its_own_words(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert faults(**changes) == expected


def test_a_body_a_little_too_long_says_by_how_much() -> None:
    found = faults(body="a" * (BODY_LIMIT + 20))
    assert "5.020" in found["body"] and "rút bớt 20" in found["body"]


def test_every_fault_is_told_at_once() -> None:
    assert set(faults(kind="x", body="", unit="", phone="1", email="2")) == {"kind", "body", "unit", "phone", "email", "consent"}


@pytest.mark.parametrize("field", ["kind", "body", "unit"])
def test_what_is_missing_is_named(field: str) -> None:
    sent = fields()
    del sent[field]
    with pytest.raises(InvalidInput) as refused:
        check_submission(sent)
    assert set(refused.value.fields) == {field}


def test_the_door_is_told_to_complaints_and_denunciations() -> None:
    assert "Luật Khiếu nại" in text.COMPLAINT_DOOR and "Luật Tố cáo" in text.DENUNCIATION_DOOR
    assert "Phản ánh" in text.DENUNCIATION_DOOR, "an unsigned denunciation is offered the other way"


def test_half_an_emoji_is_dropped_and_the_rest_is_taken() -> None:
    """A browser that cuts a text off in the middle of an emoji leaves half of it."""
    assert submission(body=BODY + "\ud83d").body == BODY


def test_marks_are_brought_together() -> None:
    assert submission(body=unicodedata.normalize("NFD", BODY), place=unicodedata.normalize("NFD", "Thôn Đồng")) == submission(
        body=BODY, place="Thôn Đồng"
    )


def test_one_box_takes_telephone_or_mail() -> None:
    assert submission(contact="0912 345 678", consent="on").phone == "+84912345678"
    assert submission(contact="Ten@Vidu.vn", consent="1").email.lower() == "ten@vidu.vn"
    assert submission(contact="  ").is_anonymous


def test_officers_see_only_a_hint_of_the_contact() -> None:
    hint = submission(phone="0912345678", email="nguyenthi@vidu.vn", consent=True).contact_hint
    assert hint and "912345" not in hint and "nguyenthi" not in hint


@settings(deadline=None)
@given(title=ANYTHING, body=ANYTHING, place=ANYTHING)
def test_what_gets_through_is_clean(title: str, body: str, place: str) -> None:
    try:
        taken = check_submission(fields(title=title, body=body, place=place))
    except InvalidInput as refused:
        assert set(refused.fields) <= {"title", "body", "place"}
        assert all(refused.fields.values())
        return
    for value, limit, multiline in ((taken.title, TITLE_LIMIT, False), (taken.body, BODY_LIMIT, True), (taken.place, PLACE_LIMIT, False)):
        assert unicodedata.is_normalized("NFC", value)
        assert len(value) <= limit and value == value.strip()
        assert not [sign for sign in value if unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") and not (multiline and sign == "\n")]
        value.encode()
    assert taken.title and taken.body


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(("kind", "title", "body", "unit", "place", "phone", "email", "consent", "website", "contact", "channel", "x")),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | st.lists(st.integers(), max_size=2),
    )
)
def test_any_values_are_taken_or_refused_with_words(sent: dict[str, Any]) -> None:
    try:
        check_submission({**sent, "channel": "web"})
    except InvalidInput as refused:
        assert refused.fields and all(refused.fields.values())


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("Nước đục từ hôm qua. Xin kiểm tra.", "Nước đục từ hôm qua"),
        ("!\nĐường hỏng quá nhiều chỗ", "! Đường hỏng quá nhiều chỗ"),
        ("......................", "......................"),
    ],
)
def test_a_title_is_made_of_the_first_sentence(body: str, title: str) -> None:
    assert submission(title="", body=body).title == title


def test_a_long_first_sentence_is_cut_at_a_word() -> None:
    title = first_sentence("đường vào thôn " * 20)
    assert len(title) <= 91 and title.endswith("…") and not title[:-1].endswith(" ")
    assert len(first_sentence("đ" * 500)) == 91


def test_the_digest_tells_what_differs() -> None:
    plain = submission()
    others = [
        submission(body=BODY + " Gấp."), submission(kind="cau_hoi"), submission(unit="19789"), submission(place=""),
        submission(title="Khác"), submission(phone="0912345678", consent=True),
    ]
    digests = {each.digest() for each in (plain, *others)} | {plain.digest([b"a" * 32]), plain.digest([b"b" * 32])}
    assert len(digests) == len(others) + 3
    again: Submission = submission(channel="offline")
    assert again.digest() == plain.digest(), "the same sending through another door is the same sending"


@pytest.mark.parametrize("key", ["", "short", "a" * 21, "a" * 129, "đ" * 30, "a" * 22 + "\n", "a b" * 10])
def test_a_key_has_to_be_long_and_plain(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_client_key(key)
    assert refused.value.text == text.KEY_WRONG
    assert check_client_key(new_key())
