"""House numbers: "số nhà 12/3", "12 ngõ 5", "số 8 đường Bạch Đằng", "45/12 Trần Phú". Streets and alleys themselves stay."""

from __future__ import annotations

import re
import unicodedata

from mattranso_app.core.masking.skeleton import Found, Skeleton, without_marks

_HOUSE = r"k?[0-9]{1,4}[a-h]?(?:/[0-9]{1,4}[a-h]?){0,5}(?![0-9a-z%]|/[0-9a-z]|[.,:][0-9])"
_ALLEY = r"(?:ngo|ngach|hem|kiet)"
_TAIL = rf"(?:,? {_ALLEY}(?: so)? [0-9]{{1,4}}[a-z]?(?:/[0-9]{{1,4}}[a-z]?){{0,5}}){{0,3}}"
_REST = r"(?P<rest>,? .{0,12})"
_BEGIN = r"(?<![0-9a-z/.,-])"

# Where the words alone say that a house number follows.
_NAMED = re.compile(rf"\b(?:so nha|nha so|sn)(?: so)?[ :.]{{1,3}}(?P<house>{_HOUSE}{_TAIL})")
# A number before an alley.
_BEFORE_ALLEY = re.compile(rf"{_BEGIN}(?P<house>{_HOUSE},? {_ALLEY}(?: so)? [0-9]{{1,4}}(?:/[0-9]{{1,4}}){{0,5}}{_TAIL})")
# A number after "số" or after a word of place, before a street.
_NUMBERED = re.compile(rf"\bso (?P<house>{_HOUSE}(?:(?:, ?| va ){_HOUSE}){{0,9}}){_REST}")
_PLACED = re.compile(
    rf"\b(?:o|tai|tru|dia chi|d/c|nha|tro|cho o|ngu)(?: hien nay| thuong tru| la| cua toi)?[ :]{{1,2}}(?P<house>{_HOUSE})"
    rf"{_REST}"
)
_SLASHED = re.compile(
    rf"{_BEGIN}(?P<house>k?[0-9]{{1,4}}[a-h]?(?:/[0-9]{{1,4}}[a-h]?){{1,5}})(?![0-9a-z%/]|[.,:][0-9]){_REST}"
)

_STREET = re.compile(
    r",? (?:duong|pho|dai lo|quoc lo|tinh lo|ngo|ngach|hem|kiet|mat duong|mat pho|to dan pho|khu pho|lo |chung cu)"
)
_HAMLET = re.compile(r",? (?:ap|thon|to|khu|xom|khom|ban|doi)\b")
_CAPITALS = re.compile(r",? [A-Z][a-z]{1,6} [A-Z]")
_WORD_BEFORE = re.compile(r"([^\W\d_]+) ?$")
# Words whose number is not a house's.
_OTHER_NUMBERS = frozenset(
    unicodedata.normalize(
        "NFC",
        "đường tổ định văn thư luật xe tuyến buýt tập kỳ khóa khoá mẫu chương bảng biểu lô thửa máy trạm ấp "
        "thôn đội bão học phòng ban bản khu phố lớp quận phường ngày tháng năm lúc giờ cả có đến điều khoản "
        "tầng nhóm hơn khoảng gần hôm từ sáng chiều đêm ngõ ngách hẻm kiệt xóm khóm mục cụm điểm công quyết "
        "nghị thông cầu phiếu tỷ lệ hạng lần",
    ).split()
)
_OTHER_NUMBERS_PLAIN = frozenset(map(without_marks, _OTHER_NUMBERS))


def find_house_numbers(text: Skeleton) -> list[Found]:
    """Return the house numbers in `text`, with the alleys that complete them."""
    found: list[Found] = []

    def add(match: re.Match[str]) -> None:
        start, end = match.span("house")
        if not any(each.start < end and start < each.end for each in found):
            found.append(Found(start, end, "address"))

    for match in _NAMED.finditer(text.plain):
        add(match)
    for match in _BEFORE_ALLEY.finditer(text.plain):
        if not _is_other_number(text, match):
            add(match)
    for match in _NUMBERED.finditer(text.plain):
        if not _is_other_number(text, match) and _leads_to_street(text, match, hamlets=False):
            add(match)
    for match in _PLACED.finditer(text.plain):
        if _leads_to_street(text, match, hamlets=len(match["house"]) > 1):
            add(match)
    for match in _SLASHED.finditer(text.plain):
        is_other = _is_date(match["house"]) or _is_other_number(text, match)
        if not is_other and _leads_to_street(text, match, hamlets=False):
            add(match)
    return sorted(found, key=lambda each: each.start)


def _leads_to_street(text: Skeleton, match: re.Match[str], *, hamlets: bool) -> bool:
    """Whether a street (or, with `hamlets`, a hamlet) is named after the number."""
    start, end = match.span("rest")
    rest = text.plain[start:end]
    return bool(_STREET.match(rest) or _CAPITALS.match(text.bare[start:end]) or (hamlets and _HAMLET.match(rest)))


def _is_other_number(text: Skeleton, match: re.Match[str]) -> bool:
    """Whether the word right before says that the number counts or names something else: "tổ 5", "ngày 12/5"."""
    letters = text.marked if text.is_marked else text.plain
    word = _WORD_BEFORE.search(letters[max(0, match.start() - 12) : match.start()])
    return word is not None and word[1] in (_OTHER_NUMBERS if text.is_marked else _OTHER_NUMBERS_PLAIN)


def _is_date(number: str) -> bool:
    """Whether 12/5 or 3/2/2025 may be a date."""
    parts = number.split("/")
    return len(parts) <= 3 and all(part.isdigit() for part in parts) and int(parts[0]) <= 31 and int(parts[1]) <= 12 and (
        len(parts) == 2 or len(parts[2]) == 4
    )
