"""Masking of personal data: scored on labelled texts, idempotent, linear, the same in every normal form.

Three labelled sets, all by the hand that wrote the rules. `tuning` was read while they were written, `frozen` was
written and committed before their first line, `fresh` after they fitted the other two. The first look at them gave
recall 96.3 % and precision 99.5 % (frozen), 88.4 % and 95.1 % (fresh). The rules were then corrected for the classes of
errors seen, so what is asserted below guards against steps back and is no estimate for unseen texts: the first looks are.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections import Counter
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattranso_app.core import masking
from mattranso_app.core.masking import MASK_TEXT, Span, addresses, emails, find_personal_data, mask, names, numbers, plates
from mattranso_app.core.text import fold, nfc, terms

SETS = ("tuning", "frozen", "fresh")
NUMBERS = ("phone", "email", "identity", "account", "plate")


def labelled(name: str) -> list[dict]:
    lines = (Path(__file__).parent / "data" / f"masking_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts(*names: str) -> list[str]:
    return [row["text"] for name in names or SETS for row in labelled(name)]


def places(row: dict) -> list[tuple[int, int, str]]:
    """Where the labels of a row stand, in order."""
    found, place = [], 0
    for label in row["spans"]:
        start = row["text"].index(label["text"], place)
        place = start + len(label["text"])
        found.append((start, place, label["kind"]))
    return found


def meets(span: Span, label: tuple[int, int, str]) -> bool:
    return span.kind == label[2] and span.start < label[1] and label[0] < span.end


def score(rows: list[dict]) -> tuple[dict[str, float], dict[str, float], Counter[str]]:
    """Recall (kind right and every letter covered), precision (kind right and overlapping), number of labels."""
    hits: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    right: Counter[str] = Counter()
    given_out: Counter[str] = Counter()
    for row in rows:
        spans = find_personal_data(row["text"])
        covered = {place for span in spans for place in range(span.start, span.end)}
        for label in places(row):
            whole = all(place in covered for place in range(label[0], label[1]) if row["text"][place].isalnum())
            labels[label[2]] += 1
            hits[label[2]] += whole and any(meets(span, label) for span in spans)
        for span in spans:
            given_out[span.kind] += 1
            right[span.kind] += any(meets(span, label) for label in places(row))
    recall = {kind: hits[kind] / labels[kind] for kind in labels} | {"all": hits.total() / labels.total()}
    precision = {kind: right[kind] / given_out[kind] for kind in given_out} | {"all": right.total() / given_out.total()}
    return recall, precision, labels


# --- figures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_recall_and_precision(name: str) -> None:
    recall, precision, labels = score(labelled(name))
    print(f"\n{name}: {len(labelled(name))} texts")
    for kind in (*MASK_TEXT, "all"):
        print(f"  {kind:9} {labels[kind] or labels.total():4} labels  recall {recall[kind]:.3f}  precision {precision[kind]:.3f}")
    assert {kind: recall[kind] for kind in NUMBERS if recall[kind] < 0.99} == {}
    assert {kind: share for kind, share in precision.items() if share < 0.95} == {}
    assert recall["all"] >= 0.98 and recall["name"] >= 0.98 and recall["address"] >= 0.9


@pytest.mark.parametrize("name", SETS)
def test_numbers_are_found_without_marks_too(name: str) -> None:
    rows = [
        {"text": strip(row["text"]), "spans": [{**label, "text": strip(label["text"])} for label in row["spans"]]}
        for row in labelled(name)
    ]
    recall, precision, _ = score(rows)
    print(f"\n{name}, unmarked: recall {recall['all']:.3f} precision {precision['all']:.3f} names {recall['name']:.3f}")
    assert {kind: recall[kind] for kind in NUMBERS if recall[kind] < 0.98} == {}
    assert precision["all"] >= 0.9 and recall["name"] >= 0.6


def strip(text: str) -> str:
    """The text as typed without marks."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return plain.replace("đ", "d").replace("Đ", "D")


def test_the_sets_are_large_and_share_nothing() -> None:
    assert len(labelled("tuning")) >= 250 and len(labelled("frozen")) >= 250
    for name in SETS:
        assert sum(not row["spans"] for row in labelled(name)) >= len(labelled(name)) // 4
        assert all(nfc(text) == text for text in texts(name))
    seen: dict[str, set[str]] = {text: set(terms(text)) for text in texts("tuning")}
    for text in texts("frozen", "fresh"):
        words = set(terms(text))
        assert all(len(words & other) < 0.6 * len(words | other) for other in seen.values()), text


# --- the masked text ----------------------------------------------------------------------------------------------


def test_what_people_read() -> None:
    text = "Ông Nguyễn Văn Bảy (0905 123 987, bay@gmail.com) ở số nhà 12/3 đường Láng."
    assert mask(text).text == (
        "Ông [tên người đã che] ([số điện thoại đã che], [e-mail đã che]) ở số nhà [số nhà đã che] đường Láng."
    )


def test_an_officer_may_keep_pieces() -> None:
    text = "Bí thư Trần Văn Nam tiếp bà Lê Thị Hoa, số 0905123987."
    result = mask(text, keep={0})
    assert result.text == "Bí thư Trần Văn Nam tiếp bà [tên người đã che], số [số điện thoại đã che]."
    assert [text[span.start : span.end] for span in result.spans] == ["Trần Văn Nam", "Lê Thị Hoa", "0905123987"]
    assert mask(text, keep=range(3)).text == text


@pytest.mark.parametrize(
    "text",
    [
        "Gọi 113, 114, 115, 111, 1022, 1900 1234, 19001009, 18006132 đều được.",
        "Quyết định 19/2025/QĐ-TTg ngày 30/6/2025, Nghị định 356/2025/NĐ-CP, Luật 91/2025/QH15, số 45/BC-MTTQ-BTT.",
        "Hỗ trợ 1.500.000 đồng, 250000000đ, 3,5 tỷ, 12.345.678.900 VNĐ, 45,6%, 230,5 m2, 350 ha.",
        "Đường Nguyễn Văn Linh, phố Bà Triệu, phường Trần Hưng Đạo, trường THCS Nguyễn Trãi, chợ Bà Chiểu.",
        "Ngõ 5 phố Vọng, hẻm 45/12 Lê Văn Sỹ, tổ 12, khu phố 3, đường số 8, lớp 5A.",
        "Chủ tịch Hồ Chí Minh, Bác Hồ, Mặt trận Tổ quốc Việt Nam, UBND xã Lê Lợi.",
        "Từ 8h30 đến 17:00, 12-10-2025, 12.10.2025, 2021-2025, km 125+300, 21.0285, 105.8542.",
        "",
    ],
)
def test_what_is_not_masked(text: str) -> None:
    assert mask(text).text == text and mask(strip(text)).text == strip(text)


@pytest.mark.parametrize(
    "number",
    [
        "0905123987", "0905 123 987", "0905.123.987", "0905-123-987", "0905_123_987", "(0905) 123 987", "+84905123987",
        "+84 905 123 987", "+84 (0) 905 123 987", "(+84) 905 123 987", "84905123987", "0084905123987",
        "0 9 0 5 1 2 3 9 8 7", "o905 123 987", "09O5l23987", "024 3825 1234", "(028) 3822 5678", "0236.3.812.345",
        "+84-24-3933-1234", "01681234567"
    ],
)  # fmt: skip
def test_telephone_numbers_however_written(number: str) -> None:
    for frame in ("Gọi {} nhé.", "SĐT:{}", "số {}, ngày 12/3/2025", "{} là số cũ", "gặp Lan ({})", "Gọi {} Lan", "so {} Ty"):
        text = frame.format(number)
        assert number not in mask(text).text and fold(number.strip("()")) not in fold(mask(text).text), text
        assert [span.kind for span in find_personal_data(text) if span.kind != "name"] == ["phone"], text


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", SETS)
def test_any_normal_form_and_twice_is_once(name: str, form: str) -> None:
    for text in texts(name):
        once = mask(unicodedata.normalize(form, text))
        assert nfc(once.text) == nfc(mask(text).text)
        assert find_personal_data(once.text) == [] and find_personal_data(unicodedata.normalize("NFD", once.text)) == []
        assert [span.kind for span in once.spans] == [span.kind for span in mask(text).spans]


PIECES = st.sampled_from(
    ["ông ", "Bà ", "Nguyễn ", "Văn ", "An ", "trú tại ", "số nhà ", "số ", "STK ", "tài khoản ", "CCCD ", "MST ", "hộ chiếu "]
    + ["xe ", "gọi ", "0905", "123", "987", "048085001234", "29A", "-", "/", ".", " ", "@", "gmail.com", "(", ")", "+84"]
    + ["B1234567", "ngõ 5 ", "đường ", "12/3", "đồng", "\n", ", ", "[", *MASK_TEXT.values(), "đ", "ê\u0301", "\u200b", "O", "l"]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=120))
def test_masking_is_idempotent_and_its_spans_are_in_order(text: str) -> None:
    result = mask(text)
    assert mask(result.text).text == result.text
    ends = [0, *(span.end for span in result.spans)]
    assert all(end <= span.start < span.end <= len(text) for end, span in zip(ends, result.spans, strict=False))
    assert mask(text, keep=range(len(result.spans))).text == text


# --- time ---------------------------------------------------------------------------------------------------------


def patterns() -> list[re.Pattern[str]]:
    """Every compiled regular expression of the rules."""
    found = [value for module in (addresses, emails, names, numbers, plates) for value in vars(module).values()]
    found += [value for marked in (True, False) for value in vars(names._spelling(marked)).values()]
    return [value for value in found if isinstance(value, re.Pattern)]


def repeats(tree: object, inside: int = 1) -> list[int]:
    """How often the innermost item of each repeat may at most be tried from one position."""
    found: list[int] = []
    for operation, argument in tree if isinstance(tree, _parser.SubPattern) else []:
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            _, most, body = argument
            simple = len(body) == 1 and body[0][0] in (_constants.IN, _constants.LITERAL, _constants.ANY, _constants.NOT_LITERAL)
            # A row of single characters of one class is read once, however long; anything else counts.
            most = 1 if simple and most == _constants.MAXREPEAT else int(most)
            found += [inside * most, *repeats(body, inside * most)]
        elif operation is _constants.BRANCH:
            found += [each for branch in argument[1] for each in repeats(branch, inside)]
        elif operation is _constants.SUBPATTERN:
            found += repeats(argument[-1], inside)
        elif operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            found += repeats(argument[1], inside)
    return found


def test_no_pattern_repeats_without_bound() -> None:
    assert len(patterns()) > 25
    for pattern in patterns():
        assert max(repeats(_parser.parse(pattern.pattern, pattern.flags)), default=0) <= 1000, pattern.pattern


@pytest.mark.parametrize(
    "piece",
    ["0", "0 ", "9.", "a@", "a.", "@", "1/", "Nguyễn ", "ông ", "số 1, ", "12 ngõ ", "(", "+84 ", "STK ", "29A-", "[số"]
    + [" ", "a_b-", "0905123987 ", "0 o l ", "a b"],
)
def test_hostile_texts_are_read_to_the_end(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    result = mask(text)
    assert result.spans == sorted(result.spans, key=lambda span: span.start)


async def test_a_long_text_is_masked_as_a_short_one_but_not_in_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[bool] = []
    search = masking.find_personal_data

    def noted(text: str) -> list[masking.Span]:
        where.append(threading.current_thread() is threading.main_thread())
        return search(text)

    monkeypatch.setattr(masking, "find_personal_data", noted)
    for text in (said := "Gọi ông Nguyễn Văn Hùng, số 0912 345 678. ", said * 100):
        assert await masking.mask_apart(text) == masking.mask(text)
        assert await masking.find_personal_data_apart(text) == search(text)
    assert where == [True, True, True, False, True, False]
