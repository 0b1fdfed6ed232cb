"""Vietnamese text: cleaning, folding, syllables, typing slips, sorting."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, field_validator

from mattranso_app.core import text
from mattranso_app.core.text.syllables import INITIALS, RIMES, TONES

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
NAMES = [
    "Xã Hoà Bình", "Phường Thanh Hóa", "Đặc khu Phú Quý", "Xã Ea H'leo", "Xã M’Drắk", "TP. Hồ Chí Minh", "Đắk Lắk",
    "Krông Pắc", "Ba Chẽ (cũ)", "Mường Thanh – Điện Biên", "Bà Rịa - Vũng Tàu", "Xã Ƀuôn Đôn", "Č ư M’gar", "Thủ đô HÀ NỘI",
]  # fmt: skip


def syllables() -> Iterator[str]:
    """Every syllable the spelling allows, with every tone it allows, in the old placement."""
    for initial, rime, tone in itertools.product(INITIALS, sorted(RIMES), TONES):
        syllable = text.Syllable.parse(initial + rime + tone)
        if initial != "q" and syllable is not None and syllable.initial == initial:
            yield text.canonical_tone_placement(text.nfc(initial + rime + tone))


# --- cleaning -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("một\r\nhai\rba\u2028bốn", "một\nhai\nba\nbốn"),
        ("  nhiều   khoảng\ttrắng \n\n\n\n sau ", "nhiều khoảng trắng\n\nsau"),
        ("ẩn\u202egnourt\u202c\u200b\u2066x\u2069\ufeff\u00ad", "ẩngnourtx"),
        ("rỗng\x00\x07\x1b[31m", "rỗng[31m"),
        ("gia đình 👨\u200d👩\u200d👧 và a\u200db", "gia đình 👨\u200d👩\u200d👧 và ab"),
        ("Z" + "\u0336" * 50, "Z" + "\u0336" * 3),
        ("nửa \ud800 cặp \ue000\U000e0041", "nửa cặp"),
        ("\u00a0\u3000", ""),
    ],
)
def test_clean_text(sent: str, stored: str) -> None:
    assert text.clean_text(sent, 100) == stored


def test_one_line_fields_have_one_line() -> None:
    assert text.clean_text(" Nguyễn\r\nVăn\u2029 A\t", 20, multiline=False) == "Nguyễn Văn A"


def test_too_long_is_refused_and_says_by_how_much() -> None:
    assert text.clean_text("ế" * 5000, 5000) == "ế" * 5000
    with pytest.raises(text.TextTooLong) as refusal:
        text.clean_text("e\u0302\u0301" * 5120, 5000)
    assert (refusal.value.length, refusal.value.limit) == (5120, 5000)
    assert "5.120" in str(refusal.value) and "120 ký tự" in str(refusal.value)


def test_too_long_is_a_field_error_in_pydantic() -> None:
    class Form(BaseModel):
        body: str

        @field_validator("body")
        @classmethod
        def _clean(cls, value: str) -> str:
            return text.clean_text(value, 3)

    with pytest.raises(ValidationError):
        Form(body="dài quá")


@given(st.text(max_size=200), st.booleans())
def test_cleaning_is_stable_and_leaves_nothing_postgresql_refuses(sent: str, multiline: bool) -> None:
    stored = text.clean_text(sent, 10_000, multiline)
    assert text.clean_text(stored, 10_000, multiline) == stored == text.nfc(stored)
    assert "\0" not in stored and stored == stored.strip()
    assert multiline or "\n" not in stored
    stored.encode()


# --- folding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Thành phố Thanh Hoá", "thanh pho thanh hoa"),
        ("ĐẠI ĐOÀN KẾT", "dai doan ket"),
        ("Ðắk Nông", "dak nong"),
        ("Xã Ea H'leo", "xa ea hleo"),
        ("Ea H’leo", "ea hleo"),
        ("P.7,  Q.Bình-Thạnh", "p 7 q binh thanh"),
        ("diện tích 12 m²", "dien tich 12 m2"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("snake_case", "snake case"),
        ("ẩn\u200bdụ", "andu"),
        ("ភូមិ Trà Vinh", "ភូមិ tra vinh"),
        ("… — !", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert text.fold(written) == folded


@pytest.mark.parametrize(("old", "new"), [("hòa", "hoà"), ("khỏe", "khoẻ"), ("Thúy", "Thuý"), ("lũy", "luỹ"), ("HÒA", "HOÀ")])
def test_both_tone_placements_fold_alike(old: str, new: str) -> None:
    assert text.fold(old) == text.fold(new) == text.fold(unicodedata.normalize("NFD", old))


@given(st.text(max_size=100))
def test_folding_is_stable_and_ignores_the_normal_form(written: str) -> None:
    folded = text.fold(written)
    assert text.fold(folded) == folded == folded.strip() and "  " not in folded
    assert text.fold(unicodedata.normalize("NFD", written)) == folded == text.fold(unicodedata.normalize("NFC", written))


def test_folded_vietnamese_is_plain_ascii() -> None:
    for syllable in syllables():
        assert text.fold(syllable.upper()) == text.fold(syllable)
        assert text.fold(syllable).isascii() and text.fold(syllable).isalpha()


def test_terms_are_syllables_and_pairs() -> None:
    assert text.tokens("Nước sạch, thôn 5!") == ["nuoc", "sach", "thon", "5"]
    assert text.terms("Nước sạch thôn") == ["nuoc", "sach", "thon", "nuoc_sach", "sach_thon"]
    assert text.terms(" .. ") == text.terms("") == []


def test_slug() -> None:
    assert text.slug("Đường vào thôn 5 – hỏng nặng!") == "duong-vao-thon-5-hong-nang"
    assert text.slug("Đường vào thôn 5", 10) == "duong-vao"
    assert text.slug("Nghiêng", 4) == "nghi"
    assert text.slug("ភូមិ") == ""


# --- syllables ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "old", "new"),
    [
        ("hoà", "hòa", "hoà"),
        ("Thuý Kiều khoẻ", "Thúy Kiều khỏe", "Thuý Kiều khoẻ"),
        ("LUỸ", "LŨY", "LUỸ"),
        ("tòan thuỷên", "toàn thuyển", "toàn thuyển"),
        ("qúy gìn gịa", "quý gìn giạ", "quý gìn giạ"),
        ("muà khuyủ khủyu ngòai", "mùa khuỷu khuỷu ngoài", "mùa khuỷu khuỷu ngoài"),
        ("nươc\u0301 tôm\u0301", "nước tốm", "nước tốm"),
        ("café Đăk-lăk Zoë", "café Đăk-lăk Zoë", "café Đăk-lăk Zoë"),
    ],
)
def test_tone_placement(written: str, old: str, new: str) -> None:
    assert text.canonical_tone_placement(unicodedata.normalize("NFD", written)) == old
    assert text.canonical_tone_placement(written, "new") == new


def test_tone_placement_there_and_back() -> None:
    for syllable in syllables():
        new = text.canonical_tone_placement(syllable, "new")
        assert text.canonical_tone_placement(new) == syllable == text.canonical_tone_placement(syllable)
        assert text.fold(new) == text.fold(syllable)


def test_every_common_syllable_is_known() -> None:
    common = """nghiêng khuỷu quyết quỳnh quốc giếng gì giặc xoong uống ướt yếu ưu oanh oẳn huơ thuở khuya ngoằn ngoèo tuếch
    nguệch hươu rượu khoái xoáy xuýt chuyện ngoao bươu quằn quẩy lũy thúy hoét choàng toét thoắt yểm ỷ uỷ ế ẩm ăn"""
    assert [word for word in common.split() if not text.is_syllable(word)] == []
    foreign = ("zoom", "was", "cloud", "đepj", "ngư.i", "ngiêng", "cás", "bạt2", "ôông", "bằc", "hỏà")
    assert [word for word in foreign if text.is_syllable(word)] == []


def test_marked_share() -> None:
    assert text.marked_share("Đường làng ngập nước quá") == 1.0
    assert text.marked_share("duong lang ngap nuoc qua") == 0.0
    assert text.marked_share("sửa đường giúp toi voi") == pytest.approx(3 / 5)
    assert text.marked_share(unicodedata.normalize("NFD", "hai ổ gà 2025")) == pytest.approx(2 / 3)
    assert text.marked_share("") == text.marked_share("123 ...") == 0.0


# --- typing slips -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nuocws", "nước"), ("nuwowcs", "nước"), ("nuowcs", "nước"), ("tieesng", "tiếng"), ("tienges", "tiếng"),
        ("nu7o71c", "nước"), ("nuo7c1", "nước"), ("tie61ng", "tiếng"), ("d9u7o7ng2", "đường"), ("dduwowngf", "đường"),
        ("thuowr", "thuở"), ("quoocs", "quốc"), ("giuwax", "giữa"), ("khuyur", "khuỷu"), ("a8n", "ăn"), ("muaw", "mưa"),
        ("Nguyeenx Vawn Tams", "Nguyễn Văn Tám"), ("DDIEENJ", "ĐIỆN"), ("xin hoir veef nuocws sachj", "xin hỏi về nước sạch"),
    ],
)  # fmt: skip
def test_slips_are_read(typed: str, meant: str) -> None:
    assert meant in text.telex_slips(typed)


@pytest.mark.parametrize("typed", ["nước sạch", "nuoc sach", "Zoom A1 P7", "xoong", "2025", "", "x" * 5000, "nw1"])
def test_what_is_no_slip_stays(typed: str) -> None:
    assert text.telex_slips(typed) == []


def test_search_forms() -> None:
    assert text.search_forms("Nuocws sạch") == ["nuocws sach", "nuoc sach"]
    assert text.search_forms("Nước sạch") == ["nuoc sach"]
    assert text.search_forms("?!") == []
    assert len(text.search_forms("nuocws nu7o71c")) == 3


def _telex_keys(syllable: str) -> str:
    """What a typist presses for `syllable`, tone last."""
    keys = {"ă": "aw", "â": "aa", "đ": "dd", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw"}
    tones = dict(zip(TONES, ["", "f", "r", "x", "s", "j"], strict=True))
    parsed = text.Syllable.parse(syllable)
    assert parsed is not None
    return "".join(keys.get(letter, letter) for letter in parsed.initial + parsed.nucleus + parsed.final) + tones[parsed.tone]


def test_every_syllable_typed_with_the_keyboard_off_is_read_back() -> None:
    missed = []
    for syllable in syllables():
        keys = _telex_keys(syllable)
        rare_oo = "oo" in keys and "ô" not in unicodedata.normalize("NFD", syllable).replace("o\u0302", "ô")
        if not rare_oo and not text.is_syllable(keys) and len(keys) > 2 and text.telex_slips(keys)[:1] != [syllable]:
            missed.append((syllable, keys, text.telex_slips(keys)))
    assert missed == []


@given(st.text(VIETNAMESE + " 0123456789wfjz", max_size=40))
def test_slips_are_few_and_never_the_text_itself(typed: str) -> None:
    readings = text.telex_slips(typed)
    assert len(readings) <= 2 and typed not in readings


# --- sorting ------------------------------------------------------------------------------------------------------


def test_sort_order_is_the_dictionarys() -> None:
    ordered = [
        "", "2 Tháng 9", "10 Tháng 3", "a", "à", "ả", "ã", "á", "ạ", "An", "ăn", "ân", "ba", "ba ba", "bà", "bá", "bạ",
        "ban", "bàn",
        "cũ", "Dao", "dào", "Đào", "em", "êm", "Hòa", "Hòa An", "Hoan", "lan", "Ngô", "nhà", "oi", "ôi", "ơi",
        "Tổ 2", "Tổ 10", "tu", "tư", "yên",
    ]  # fmt: skip
    shuffled = ordered[1::2] + ordered[::2]
    assert sorted(shuffled, key=text.sort_key) == ordered


def test_sort_key_ignores_what_does_not_count() -> None:
    assert text.sort_key("Hoà  Bình") == text.sort_key(unicodedata.normalize("NFD", "HÒA-BÌNH"))
    assert text.sort_key("Đắk Lắk (cũ) 029").isascii()
    assert text.sort_key("bà") < text.sort_key("Buôn ភូមិ") < text.sort_key("ភូមិ")


@given(st.text(VIETNAMESE + " -0123456789", max_size=30))
def test_stored_keys_sort_by_bytes(name: str) -> None:
    key = text.sort_key(name)
    assert key.isascii() and text.sort_key(name.upper()) == key
