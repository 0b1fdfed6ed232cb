"""What the desk says: masked pieces told apart without losing a character, and what an act does before it is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.core.masking import find_personal_data, mask
from mattranso_app.petitions import desk_words

SAID = "Xin gọi ông Nguyễn Văn Hùng, số 0912 345 678, thư hung@vidu.vn."
pieces = st.lists(
    st.sampled_from(["Nước bẩn ", "0912 345 678", " gọi ông Nguyễn Văn Hùng", "hung@vidu.vn", "\n", " 29A-123.45 ", "ok."]), max_size=8
)


def test_each_piece_of_personal_data_is_told_apart_with_its_kind() -> None:
    parts = desk_words.original_parts(SAID, find_personal_data(SAID))
    assert [kind for _, kind in parts if kind] == ["tên người", "số điện thoại", "e-mail"]
    assert ("0912 345 678", "số điện thoại") in parts


@given(pieces.map("".join))
def test_no_character_is_lost_or_added(body: str) -> None:
    assert "".join(words for words, _ in desk_words.original_parts(body, find_personal_data(body))) == body
    masked = mask(body)
    shown = desk_words.masked_parts(masked.text)
    assert "".join(words for words, _ in shown) == masked.text
    assert sum(bool(kind) for _, kind in shown) == len(masked.spans)


def test_what_will_be_masked_is_counted_by_kind() -> None:
    words = desk_words.masked_words(find_personal_data(f"{SAID} Hoặc 0987 654 321."))
    assert words == ["1 tên người sẽ được che", "2 số điện thoại sẽ được che", "1 e-mail sẽ được che"]


def test_plain_text_has_nothing_marked() -> None:
    assert desk_words.original_parts("Đèn hỏng.", []) == [("Đèn hỏng.", "")]
    assert desk_words.original_parts("", []) == []
