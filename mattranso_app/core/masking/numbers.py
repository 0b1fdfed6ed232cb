"""Telephone, identity, insurance, passport, account, card and tax numbers.

A number is read as a row of groups ("0905 123 987", "0 9 0 5 …", "o9o5.l23"). What it is follows from its form (telephone
numbers, the 12 digits of an identity number) or from the nearest word before it ("STK", "CMND", "mã số thuế").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mattranso_app.core.masking.skeleton import Contexts, Found, Kind, Skeleton, without_marks

BANKS = (
    "vietcombank|vietinbank|techcombank|agribank|sacombank|eximbank|vpbank|tpbank|hdbank|seabank|lpbank|lienvietpostbank|"
    "mbbank|bidv|acb|vcb|shb|ocb|msb|vib|scb|nam a bank|namabank|bac a bank|pvcombank|abbank|kienlongbank|vietbank|bvbank|"
    "co-opbank|saigonbank|shinhan|wooribank|hsbc|cake|timo|momo|zalopay|viettelpay"
)
_CONTEXT = re.compile(
    r"\b(?:"
    r"(?P<account>stk|so ?tk|tk|tai khoan|a/c|account|the atm|so the|the tin dung|the ghi no)"
    rf"|(?P<bank>chuyen khoan|ngan hang|{BANKS}|mb(?: bank)?)"
    r"|(?P<insurance>bhxh|bao hiem xa hoi|bhyt|bao hiem y te|so so)"
    r"|(?P<identity>cmnd|cmtnd|cmt|cccd|chung minh|can cuoc|dinh danh)"
    r"|(?P<tax>mst|ma so thue)"
    r"|(?P<passport>ho chieu|passport)"
    r"|(?P<phone>sdt|dtdd|dt|dien thoai|so may|so dien|zalo|viber|phone|tel|di dong|may ban|thue bao|goi|lien he|lien lac|lh)"
    r"|(?P<other>ma don|ma ho so|ma van don|ma khach hang|ma vach|ma otp|ma buu chinh|seri|bien ban|hop dong|quyet dinh|cong van|"
    r"nghi dinh|thong tu|thua|to ban do|sbd|so bao danh|to trinh|giay chung nhan|so tien|ngay|nam|gia|no)"
    r")\b"
)
_BANKING = ("account", "bank")
_BANK_AFTER = re.compile(rf"[ ,;(–-]{{0,4}}(?:tai |cua |o |nh |nhnn )?(?:ngan hang|{BANKS}|mb)\b")

_TOKEN = re.compile(r"[0-9a-z]+")
_SEPARATOR = re.compile(r"[ .\-_()]{1,3}")
_LETTER_DIGITS = str.maketrans("oli", "011")
# After a group: a sum, a measure, a share, a clock time, a document number. Not units that without marks are names (Tỷ, Lan).
_UNIT_AFTER = (
    r" ?(?:đồng|vnđ|vnd|triệu|nghìn|ngàn(?! hang)|usd|đô la|m2|m²|ha|kg|km|kwh|người|phiếu)\b"
    r"|(?:đ|k|tr|tấn|m|cm|mm|kv|kva)\b| ?%|/[0-9a-z]|:[0-9]"
)
_UNIT_AFTER_MARKED = re.compile(_UNIT_AFTER)
_UNIT_AFTER_PLAIN = re.compile(without_marks(_UNIT_AFTER))
_MOBILE = re.compile(r"0(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}")
_OLD_MOBILE = re.compile(r"01(?:2[0-9]|6[2-9]|8[68]|99)[0-9]{7}")
_LANDLINE = re.compile(r"02(?:0[3-9]|1[0-689]|2[0125-9]|3[2-9]|4[0-9]|5[124-9]|6[0-39]|7[0-7]|8[0-9]|9[0-79])[0-9]{7}")
_CITIZEN = re.compile(r"0(?:0[1-9]|[1-8][0-9]|9[0-6])[0-9]{9}")
_CARD = re.compile(r"9704(?:[0-9]{12}|[0-9]{15})")
_INSURANCE_CARD = re.compile(r"[a-z]{2}[1-5][0-9]{12}")
_PASSPORT = re.compile(r"(?<![0-9a-z])[a-z] ?[0-9]{7,8}(?![0-9a-z])")
_ACCOUNT_WITH_LETTER = re.compile(r"[0-9]{3}[a-z][0-9]{8}")
_TAX_BRANCH = re.compile(r"(?:[0-9]{10}|[0-9]{4} [0-9]{3} [0-9]{3})-[0-9]{3}")


@dataclass(frozen=True)
class _Group:
    """Digits written together."""

    start: int
    end: int
    digits: str
    separator: str  # between the group before and this one; "" when no row continues
    ends_row: bool  # a unit or a slash follows: no part of a longer number, and none itself


def find_numbers(text: Skeleton) -> list[Found]:
    """Return the personal numbers in `text`, except plates."""
    contexts = Contexts.of(text.plain, _CONTEXT)
    found = list(_find_lettered(text, contexts))
    taken = {place for each in found for place in range(each.start, each.end)}
    for row in _rows(text):
        place = 0
        while place < len(row):
            kind, length = _read(text.plain, row, place, contexts)
            if kind and row[place].start not in taken:
                start, end = _with_signs(text.plain, row[place].start, row[place + length - 1].end, kind)
                found.append(Found(start, end, kind))
            place += length
    return found


def _find_lettered(text: Skeleton, contexts: Contexts) -> Iterator[Found]:
    """Yield numbers with a letter in them, and tax codes with their branch."""
    for match in _PASSPORT.finditer(text.plain):
        if contexts.before(match.start(), 40)[0] == "passport":
            yield Found(match.start(), match.end(), "passport")
    for match in _TOKEN.finditer(text.plain):
        token = match[0]
        if len(token) == 15 and _INSURANCE_CARD.fullmatch(token):
            yield Found(match.start(), match.end(), "identity")
        elif len(token) == 12 and _ACCOUNT_WITH_LETTER.fullmatch(token) and contexts.before(match.start(), 40)[0] in _BANKING:
            yield Found(match.start(), match.end(), "account")
    for match in _TAX_BRANCH.finditer(text.plain):
        if contexts.before(match.start(), 40)[0] == "tax":
            yield Found(match.start(), match.end(), "tax")


def _rows(text: Skeleton) -> Iterator[list[_Group]]:
    """Yield rows of groups that may be one number."""
    row: list[_Group] = []
    for match in _TOKEN.finditer(text.plain):
        group = _group(text, match, row[-1].end if row else None)
        if group is None or not group.separator:
            if row:
                yield row
            row = []
        if group is not None and not group.ends_row:
            row.append(group)
        elif row:
            yield row
            row = []
    if row:
        yield row


def _group(text: Skeleton, match: re.Match[str], previous: int | None) -> _Group | None:
    """Return the token as a group of digits (letters o, l, i typed for 0 and 1 among them), None for a word."""
    token = match[0]
    digits = token.translate(_LETTER_DIGITS)
    real = sum(char.isdigit() for char in token)
    if not digits.isdigit() or real == 0 or real * 2 < len(token):
        return None
    between = text.plain[previous : match.start()] if previous is not None and match.start() - previous <= 3 else ""
    separator = between if _SEPARATOR.fullmatch(between) else ""
    unit, letters = (_UNIT_AFTER_MARKED, text.marked) if text.is_marked else (_UNIT_AFTER_PLAIN, text.plain)
    ends_row = unit.match(letters, match.end()) is not None
    if ends_row and text.plain.startswith("/", match.end()) and _is_phone(digits):
        ends_row = False  # two telephone numbers written a/b
    return _Group(match.start(), match.end(), digits, separator, ends_row)


def _read(plain: str, row: list[_Group], place: int, contexts: Contexts) -> tuple[Kind | None, int]:
    """Return what begins at group `place` of `row` and how many groups it takes; (None, 1) when nothing does."""
    start = row[place].start
    context, distance = contexts.before(start, 60)
    if _is_date(row, place):
        return None, 3
    totals = _totals(row, place)
    by_form = _by_form(totals, has_plus=plain[:start].rstrip("(").endswith("+"))
    followed = any(_BANK_AFTER.match(plain, row[place + length - 1].end) for length in totals)
    banking = context in _BANKING
    if (
        (context == "account" and distance <= 25)
        or (by_form[0] != "phone" and (followed or (banking and distance <= 25)))
        or (by_form[0] is None and banking)
    ):
        length = _account_length(plain, row, place, totals, distance)
        if length:
            return "account", length
    if by_form[0] == "phone" and not (context in ("insurance", "tax") and distance <= 25):
        return by_form
    for wanted, kind, sizes in _BY_CONTEXT:
        if context == wanted:
            for size in sizes:
                for length, digits in totals.items():
                    if len(digits) == size and not (kind == "phone" and (distance > 20 or digits.startswith(("18", "19", "20")))):
                        return kind, length
    return by_form


_BY_CONTEXT: tuple[tuple[str, Kind, tuple[int, ...]], ...] = (
    ("identity", "identity", (12, 9)),
    ("insurance", "identity", (10, 12, 13)),
    ("tax", "tax", (13, 10, 12)),
    ("phone", "phone", (11, 10, 9)),
)


def _totals(row: list[_Group], place: int) -> dict[int, str]:
    """Return for each number of groups from `place` on (up to 20 digits) their digits together."""
    totals: dict[int, str] = {}
    digits = ""
    for length, group in enumerate(row[place : place + 20], start=1):
        digits += group.digits
        if len(digits) > 20:
            break
        totals[length] = digits
    return totals


def _by_form(totals: dict[int, str], *, has_plus: bool) -> tuple[Kind | None, int]:
    """Return what the digits are by their form alone."""
    for length, digits in reversed(totals.items()):
        if _CARD.fullmatch(digits):
            return "account", length
    for length, digits in totals.items():
        if _is_phone(digits) or (has_plus and digits.startswith("84") and 10 <= len(digits) <= 13 and _is_phone(digits)):
            return "phone", length
        if _CITIZEN.fullmatch(digits):
            return "identity", length
    return None, 1


def _is_phone(digits: str) -> bool:
    """Whether `digits` are a Vietnamese telephone number, with 0 or 84 (or 840, 0084) in front."""
    for prefix in ("0084", "840", "84"):
        if digits.startswith(prefix) and len(digits) > len(prefix) + 8:
            digits = "0" + digits[len(prefix) :]
            break
    if len(digits) == 10:
        return _MOBILE.fullmatch(digits) is not None
    return len(digits) == 11 and (_LANDLINE.fullmatch(digits) or _OLD_MOBILE.fullmatch(digits)) is not None


def _account_length(plain: str, row: list[_Group], place: int, totals: dict[int, str], distance: int) -> int:
    """Return how many groups an account or card number takes, 0 when there is none."""
    best = 0
    for length, digits in totals.items():
        group = row[place + length - 1]
        if length > 1 and (len(group.digits) >= 9 or "(" in group.separator or ")" in group.separator):
            break  # the next number begins
        if 6 <= len(digits) <= 19:
            best = length
    if best and _is_sum(plain, row[place : place + best]) and distance > 8:
        return 0
    return 0 if best == 2 and _is_years(row, place) else best


def _is_sum(plain: str, groups: list[_Group]) -> bool:
    """Whether the groups are written like a sum: 3.500.000."""
    first, *rest = groups
    return bool(rest) and first.digits[0] != "0" and len(first.digits) <= 3 and all(
        len(group.digits) == 3 and plain[group.start - 1] == "." for group in rest
    )


def _is_date(row: list[_Group], place: int) -> bool:
    """Whether three groups from `place` on are a date: 12.10.2025, 12-10-2025, 2025-10-12."""
    groups = row[place : place + 3]
    if len(groups) < 3 or groups[1].separator != groups[2].separator or groups[1].separator not in (".", "-"):
        return False
    one, two, three = (group.digits for group in groups)
    if len(one) == 4:
        one, three = three, one
    return len(one) <= 2 and len(two) <= 2 and three[:2] in ("19", "20") and len(three) == 4 and int(one) <= 31 and int(two) <= 12


def _is_years(row: list[_Group], place: int) -> bool:
    """Whether two groups from `place` on are a span of years: 2021-2025."""
    return all(len(group.digits) == 4 and group.digits[:2] in ("19", "20") for group in row[place : place + 2])


def _with_signs(plain: str, start: int, end: int, kind: Kind) -> tuple[int, int]:
    """Return the span with the plus and the brackets that belong to a telephone number."""
    if kind == "phone":
        while start and plain[start - 1] in "+(":
            start -= 1
        if plain[start] == "(" and ")" not in plain[start:end]:
            start += 1
    return start, end
