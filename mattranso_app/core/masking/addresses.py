"""House numbers: "số nhà 12/3", "12 ngõ 5", "số 8 đường Bạch Đằng", "45/12 Trần Phú". Streets and alleys themselves stay."""

from __future__ import annotations

import re

from mattranso_app.core.masking.skeleton import Found, Skeleton

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
_NUMBERED = re.compile(rf"\bso (?P<house>{_HOUSE}){_REST}")
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
_WORD_BEFORE = re.compile(r"([a-z]+)[ :]{0,2}$")
# Words whose number is not a house's.
_OTHER_WORDS = (
    "duong to dinh van thu luat xe tuyen buyt tap ky khoa mau chuong bang bieu lo thua may tram ap thon doi bao hoc phong ban khu"
    " pho lop quan phuong ngay thang nam luc gio cac ca co ho den dieu khoan tang nhom hon khoang gan hom tu sang chieu toi dem"
    " ngo ngach hem kiet xom khom muc cum diem cong quyet nghi thong cau phieu ty le hang lan"
)
_OTHER_NUMBERS = frozenset(_OTHER_WORDS.split())


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
        if _word_before(text, match) not in _OTHER_NUMBERS:
            add(match)
    for match in _NUMBERED.finditer(text.plain):
        if _word_before(text, match) not in _OTHER_NUMBERS and _leads_to_street(text, match, hamlets=False):
            add(match)
    for match in _PLACED.finditer(text.plain):
        if _leads_to_street(text, match, hamlets=len(match["house"]) > 1):
            add(match)
    for match in _SLASHED.finditer(text.plain):
        is_other = _is_date(match["house"]) or _word_before(text, match) in _OTHER_NUMBERS
        if not is_other and _leads_to_street(text, match, hamlets=False):
            add(match)
    return sorted(found, key=lambda each: each.start)


def _leads_to_street(text: Skeleton, match: re.Match[str], *, hamlets: bool) -> bool:
    """Whether a street (or, with `hamlets`, a hamlet) is named after the number."""
    start, end = match.span("rest")
    rest = text.plain[start:end]
    return bool(_STREET.match(rest) or _CAPITALS.match(text.bare[start:end]) or (hamlets and _HAMLET.match(rest)))


def _word_before(text: Skeleton, match: re.Match[str]) -> str:
    """Return the word before the match, without marks; empty at the beginning of a clause."""
    word = _WORD_BEFORE.search(text.plain[max(0, match.start() - 12) : match.start()])
    return word[1] if word else ""


def _is_date(number: str) -> bool:
    """Whether 12/5 or 3/2/2025 may be a date."""
    parts = number.split("/")
    return len(parts) <= 3 and all(part.isdigit() for part in parts) and int(parts[0]) <= 31 and int(parts[1]) <= 12 and (
        len(parts) == 2 or len(parts[2]) == 4
    )
