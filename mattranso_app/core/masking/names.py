"""Names of persons: after a title ("ông Nguyễn Văn Bảy", "chị Thảo"), after an introduction ("tôi tên là …"), or alone when
they are built like a name ("Trần Thị B"). Streets, units, schools and historical persons stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mattranso_app.core.masking.name_words import name_words
from mattranso_app.core.masking.skeleton import BLANK, Found, Skeleton, without_marks

_LONGEST = 6  # syllables of a name
_LAKES = frozenset({"hồ", "ho", "lăng", "lang"})  # places, but as a first capital rather family names
_WORD = re.compile(r"[A-Za-z]{1,12}(?:['’][A-Za-z]{1,12})?")
_TITLES = r"ông|bà|anh|chị|cô|chú|bác|em|cháu|cụ|thầy|dì|dượng|cậu|mợ|thím|mế|mẹ"
# What may stand right before a name. Searched in the 40 characters before it.
_RELATION = (
    rf"(?:^|[^\w])(?P<title>{_TITLES}|cô giáo|thầy giáo|đồng chí|đ/c|bác sĩ|bs|luật sư|già làng)"
    r"(?: tên(?: là)?| là| giáo)?[ :(]{1,2}$"
)
_ROLE = (
    r"(?:^|[^\w])(?:(?P<office>trưởng thôn|thôn trưởng|tổ trưởng|trưởng ấp|trưởng bản|trưởng khu phố|trưởng ban|trưởng phòng"
    r"|chủ tịch|bí thư|chi bộ|giám đốc|hiệu trưởng|cán bộ|địa chính|hộ tịch|tư pháp|kế toán|công an viên|công chức)"
    r"|chủ hộ|hộ|chủ đất|chủ nhà|chủ thầu|chủ quán|chủ xe|chủ cơ sở|nhân chứng|người bị hại|bị đơn|nguyên đơn|nạn nhân"
    r"|công dân|phụ huynh|học sinh|liệt sĩ|tài xế|nhà|của|gặp|gửi|giữa|thuê|do|là|với)"
    r"(?: xã| phường| thôn| ấp)?(?: là| tên(?: là)?)?[ :(]{1,2}$"
)
_INTRODUCTION = (
    r"(?:^|[^\w])(?:(?P<called>(?<!mang )(?<!đặt )(?:tên|tên là)|tôi tên|tôi tên là|tên tôi|tên tôi là|mình tên"
    r"|họ và tên|họ tên|đứng tên|chủ tài khoản|chủ tk)"
    r"|tôi là|mình là|em là|con là|cháu là|người phản ánh|người làm đơn|người viết đơn|người viết|người nhận|người gửi"
    r"|ký tên|kính đơn|chồng tôi|vợ tôi|con trai|con trai tôi|con gái|con gái tôi|mẹ tôi|bố tôi|ba tôi|cha tôi|gặp)"
    r"(?: là)?[ :,\-(]{1,3}$"
)
_CONTACT = r"(?:^|[^\w])(?:liên hệ|liên lạc|lh|gọi|gọi cho|báo|báo cho|gặp)[ :]{1,2}$"
_BEFORE_NUMBER = re.compile(rf"[ ,:(–-]{{1,3}}(?:số |so |sđt |sdt |đt |dt )?{BLANK}")
# Titles that keep their meaning without marks ("co" is also có, "ba" also three).
_CLEAR_TITLES = frozenset({"anh", "chi", "ong"})
_SENTENCE_END = re.compile(r"[.!?:;\n\"“”(•–-]\s*$")
_AFTER_SELF = re.compile(r"\s*(?:[,.;:!?\n)–-]|$)")
_JOINED = re.compile(r"\s?(?:,|;|-|–|/|và|va|hoặc|hoac|đến|den|tới|toi|giao với|giao)\s?")
# Names typed wholly in small letters: only the common pattern, after a title or an introduction.
_SMALL = (
    r"(?:^|[^\w])(?:ông|bà|anh|chị|cô|chú|bác|em|cháu|cụ|thầy|tôi là|tên là|tên) "
    rf"(?P<name>(?:{'|'.join(sorted(name_words().families, key=len, reverse=True))}) (?:văn|thị) [^\W\d_]{{1,7}})(?!\w)"
)


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    plain: str
    marked: str
    capital: bool


class _Spelling:
    """Words and patterns in the spelling of the text: with marks, or without."""

    def __init__(self, is_marked: bool) -> None:
        self.words = name_words() if is_marked else name_words().unmarked()
        self.titles = frozenset((_TITLES if is_marked else without_marks(_TITLES)).split("|"))
        # Without marks dượng reads like đường, and a street is the likelier.
        self.relation, self.role, self.introduction, self.contact, self.small = (
            re.compile(pattern if is_marked else without_marks(pattern.replace("|dượng", "")))
            for pattern in (_RELATION, _ROLE, _INTRODUCTION, _CONTACT, _SMALL)
        )


@lru_cache
def _spelling(is_marked: bool) -> _Spelling:
    return _Spelling(is_marked)


def find_names(text: Skeleton) -> list[Found]:
    """Return the names of persons in `text`, without their titles."""
    return sorted([*_Names(text).find(), *_small_names(text)], key=lambda each: each.start)


def _small_names(text: Skeleton) -> Iterator[Found]:
    for match in _spelling(text.is_marked).small.finditer(text.marked if text.is_marked else text.plain):
        start, end = match.span("name")
        if text.bare[start:end].islower():
            yield Found(start, end, "name")


class _Names:
    """One search through one text."""

    def __init__(self, text: Skeleton) -> None:
        self.text = text
        self.patterns = _spelling(text.is_marked)
        self.words = self.patterns.words
        self.letters = text.marked if text.is_marked else text.plain

    def find(self) -> Iterator[Found]:
        """Yield the names."""
        after_place = False
        last_end = 0
        for run in self._runs():
            joined = _JOINED.fullmatch(self.letters, last_end, run[0].start) is not None
            after_place = self._is_place(run) or (after_place and joined)
            last_end = run[-1].end
            if not after_place and (name := self._name(run)):
                yield Found(name[0].start, name[-1].end, "name")

    def _runs(self) -> Iterator[list[_Word]]:
        """Yield rows of capitalised words with one blank between them."""
        run: list[_Word] = []
        for match in _WORD.finditer(self.text.bare):
            start, end = match.span()
            word = _Word(start, end, self.text.plain[start:end], self.letters[start:end], match[0][0].isupper())
            if run and (not word.capital or self.text.bare[run[-1].end : start] != " "):
                yield run
                run = []
            if word.capital:
                run.append(word)
        if run:
            yield run

    def _is_place(self, run: list[_Word]) -> bool:
        """Whether the run names a place, a body or a thing."""
        before = self.letters[max(0, run[0].start - 24) : run[0].start]
        words = before.rstrip(" \"“").split()
        role = self.patterns.role.search(before)
        if self.patterns.relation.search(before):
            return False
        if role and role["office"] and len(run) >= 3 and self._has_family(run) and not self._is_known(run):
            return False
        if before and before[-1] in " \"“" and words and not _SENTENCE_END.search(before.rstrip(" ") + " "):
            if words[-1] in self.words.places or " ".join(words[-2:]) in self.words.places:
                return True
            if words[-1][-1].isdigit() and not self._is_built_like_a_name(run):
                return True
        return len(run) > 1 and run[0].marked in self.words.places and run[0].marked not in _LAKES

    def _name(self, run: list[_Word]) -> list[_Word] | None:
        """Return the part of the run that is a person's name, None when none is."""
        before = self.letters[max(0, run[0].start - 40) : run[0].start]
        begins = not before or _SENTENCE_END.search(before) is not None
        if begins and len(run) > 1 and run[0].marked in self.words.starters:
            before, run, begins = before + self.letters[run[0].start : run[1].start], run[1:], False
        if len(run) > 1 and run[0].marked in self.patterns.titles:
            return self._titled(run[0], run[1:], begins)
        relation = self.patterns.relation.search(before)
        if relation and not self._is_plural(before, relation):
            return self._after_title(relation["title"], self._cut(run))
        name = self._cut(run)
        introduction = self.patterns.introduction.search(before)
        if introduction:
            called = introduction["called"] is not None or before.rstrip().endswith(":")
            if found := self._introduced(name, called=called):
                return found
        if self.patterns.contact.search(before) and self._is_contact(name):
            return name
        if self.patterns.role.search(before) and len(name) >= 2 and self._has_family(name) and not self._is_known(name):
            return name
        if begins and len(run) >= 3 and not self._has_family(run) and self._has_family(run[1:]):
            name = self._cut(run[1:])
        return name if self._stands_alone(name, before) else None

    def _titled(self, title: _Word, rest: list[_Word], begins: bool) -> list[_Word] | None:
        """A capital title: at the beginning of a sentence like any title; inside one, "Bà Triệu" is likelier than a person."""
        name = self._cut(rest)
        if f"{title.marked} {rest[0].marked}" in self.words.titled_places and not self._is_built_like_a_name(name):
            return None
        if begins or self.text.bare[title.start : rest[-1].end].isupper():
            return self._after_title(title.marked, name)
        return name if len(name) >= 2 and self._has_family(name) else None

    def _after_title(self, title: str, name: list[_Word]) -> list[_Word] | None:
        if not name or self._is_office(name) or not self._may_be_name(name):
            return None
        if self._is_figure(title, name):
            return None
        if self.text.is_marked or title in _CLEAR_TITLES or self._has_family(name):
            return name
        return None

    def _introduced(self, name: list[_Word], *, called: bool) -> list[_Word] | None:
        if not name or self._is_office(name) or not self._may_be_name(name):
            return None
        if called and len(name) <= 2:
            return name
        if len(name) == 1:
            return name if _AFTER_SELF.match(self.text.plain, name[0].end) else None
        return name if self._has_family(name) else None

    def _is_contact(self, name: list[_Word]) -> bool:
        """Whether the run, after "liên hệ", is somebody whose number follows."""
        if not 1 <= len(name) <= 4 or self._is_office(name) or self._is_known(name) or not self._may_be_name(name):
            return False
        return _BEFORE_NUMBER.match(self.letters, name[-1].end) is not None

    def _stands_alone(self, name: list[_Word], before: str) -> bool:
        """Whether the run is a name by its build, with nothing before it that says so."""
        if not 3 <= len(name) <= 5 or not self._has_family(name) or self._is_known(name) or self._is_office(name):
            return False
        if before.endswith((BLANK, BLANK + " ")):
            return self._is_built_like_a_name(name)
        return True

    def _cut(self, run: list[_Word]) -> list[_Word]:
        """Return the run up to where an office, a unit or an abbreviation begins."""
        for place, word in enumerate(run[:_LONGEST]):
            pair = f"{word.marked} {run[place + 1].marked}" if place + 1 < len(run) else self._pair_with_next(word)
            if word.marked in self.words.ends or (place and pair in self.words.not_names):
                return run[:place]
        return run[:_LONGEST]

    def _pair_with_next(self, word: _Word) -> str:
        """Return the word and the one after it in the text, when only a blank is between."""
        following = _WORD.match(self.text.bare, word.end + 1) if self.text.bare[word.end : word.end + 1] == " " else None
        return f"{word.marked} {self.letters[following.start() : following.end()]}" if following else word.marked

    def _is_office(self, name: list[_Word]) -> bool:
        pair = f"{name[0].marked} {name[1].marked}" if len(name) > 1 else self._pair_with_next(name[0])
        return pair in self.words.not_names

    def _is_known(self, name: list[_Word]) -> bool:
        """Whether this is a historical person's name or begins like a place's."""
        words = [word.marked for word in name]
        return " ".join(words) in self.words.famous or " ".join(words[:2]) in self.words.place_pairs

    def _has_family(self, name: list[_Word]) -> bool:
        """Whether the first word is a family name; typed without marks in a text with marks only with a middle name."""
        if not name:
            return False
        if name[0].marked.partition("'")[0].partition("’")[0] in self.words.families:
            return True
        unmarked = _spelling(False).words
        return (
            len(name) >= 3
            and all(word.marked == word.plain for word in name)
            and name[0].plain in unmarked.families
            and name[1].plain in unmarked.middles
        )

    def _is_built_like_a_name(self, name: list[_Word]) -> bool:
        if len(name) < 3 or not self._has_family(name) or self._is_known(name):
            return False
        return name[1].plain in _spelling(False).words.middles

    def _is_figure(self, title: str, name: list[_Word]) -> bool:
        return len(name) == 1 and f"{title} {name[0].marked}" in self.words.figures

    def _may_be_name(self, name: list[_Word]) -> bool:
        """Whether each word has a vowel (abbreviations have none) or is an initial."""
        return all(len(word.plain) == 1 or any(letter in "aeiouy" for letter in word.plain) for word in name)

    def _is_plural(self, before: str, relation: re.Match[str]) -> bool:
        """Whether the title ends a word for many: anh em, chị em, ông bà (before a name of a people, a body)."""
        return relation["title"] == "em" and before[: relation.start("title")].rstrip().endswith(("anh", "chị", "chi"))

