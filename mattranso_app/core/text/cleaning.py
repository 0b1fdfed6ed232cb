"""Cleaning what people type or paste before it is stored."""

from __future__ import annotations

import re
import unicodedata

# What people and copied documents use as an end of line: CRLF, CR, vertical tab, form feed, NEL, line and paragraph separator.
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_BLANKS = re.compile("[^\\S\n]+")
_BLANK_LINES = re.compile("\n{3,}")
# A base letter carries at most a vowel mark and a tone; a tower of marks is vandalism that covers neighbouring lines.
_MARK_TOWER = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")

_ZERO_WIDTH_JOINER = "\u200d"
_REMOVED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class TextTooLong(ValueError):
    """A text is longer than its field allows; the message is for the person, the numbers for the caller.

    Attributes:
        length: characters after cleaning.
        limit: characters allowed.
    """

    def __init__(self, length: int, limit: int) -> None:
        self.length = length
        self.limit = limit
        super().__init__(
            f"Nội dung dài {_thousands(length)} ký tự, vượt giới hạn {_thousands(limit)} ký tự. "
            f"Bà con rút bớt {_thousands(length - limit)} ký tự rồi gửi lại."
        )


def nfc(text: str) -> str:
    """Return `text` with each letter and its marks in one code point (Unicode NFC), the form we store and show."""
    return unicodedata.normalize("NFC", text)


def clean_text(text: str, max_length: int, multiline: bool = True) -> str:
    """Return `text` as it may be stored: NFC, visible characters only, tidy white space.

    Removed are control characters (NUL included, which PostgreSQL refuses), bidirectional overrides and other invisible
    format characters (they let a text show something else than it holds), lone surrogates, private-use and unassigned
    code points. A zero-width joiner stays inside an emoji sequence, where it is needed. Every kind of line end becomes
    `\\n`; blanks are collapsed, at most one empty line stays between paragraphs.

    Args:
        text: what was sent, any length.
        max_length: characters (code points) allowed after cleaning.
        multiline: False for one-line fields: line ends become blanks.

    Raises:
        TextTooLong: too long after cleaning. We refuse rather than cut: a petition that lost its end without anybody
            noticing is worse than a message that says how much to shorten. Being a `ValueError`, it becomes an ordinary
            field error inside a pydantic validator.
    """
    text = nfc(_NEWLINES.sub("\n", text))
    text = "".join(
        char
        for place, char in enumerate(text)
        if char in "\n\t" or unicodedata.category(char) not in _REMOVED_CATEGORIES or _joins_emoji(text, place)
    )
    # Removing an invisible character may bring a letter and its mark together.
    text = _MARK_TOWER.sub(r"\1", nfc(text))
    if not multiline:
        text = text.replace("\n", " ")
    text = _BLANKS.sub(" ", text)
    text = _BLANK_LINES.sub("\n\n", text.replace(" \n", "\n").replace("\n ", "\n")).strip()
    if len(text) > max_length:
        raise TextTooLong(len(text), max_length)
    return text


def _joins_emoji(text: str, place: int) -> bool:
    """Whether the character at `place` is a joiner with a pictograph on each side."""
    if text[place] != _ZERO_WIDTH_JOINER or not 0 < place < len(text) - 1:
        return False
    return _is_pictograph(text[place - 1]) and _is_pictograph(text[place + 1])


def _is_pictograph(char: str) -> bool:
    """Whether `char` may stand beside a joiner in an emoji: a symbol, a skin tone or the emoji variation selector."""
    return char == "\ufe0f" or unicodedata.category(char) in ("So", "Sk")


def _thousands(number: int) -> str:
    """Return `number` in Vietnamese notation: 5.120."""
    return f"{number:,}".replace(",", ".")
