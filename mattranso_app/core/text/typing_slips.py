"""Telex and VNI keys typed while the Vietnamese keyboard was off: "nuocws", "tie61ng"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from mattranso_app.core.text.folding import fold
from mattranso_app.core.text.syllables import Syllable, is_syllable

_WORD = re.compile(r"[^\W_]+")
_TELEX_TONES = {"f": "\u0300", "r": "\u0309", "x": "\u0303", "s": "\u0301", "j": "\u0323", "z": ""}
_VNI_TONES = {"2": "\u0300", "3": "\u0309", "4": "\u0303", "1": "\u0301", "5": "\u0323", "0": ""}
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORN = {"o": "ơ", "u": "ư"}
_VOWELS = frozenset("aăâeêioôơuưy")
_LONGEST_KEYS = 12  # "nghiengfe" with all its keys; a longer word is no slip


def telex_slips(text: str) -> list[str]:
    """Return what `text` reads as when words in it were typed in Telex or VNI with the keyboard off.

    Only words of plain letters and digits that become a correct Vietnamese syllable are changed: "nuocws" and "nu7o71c"
    become "nước", while "Zoom", "A1" and words that are syllables already ("xoong") stay. Candidates only: "has" is also English.

    Returns:
        The Telex reading, then the VNI reading, without `text` itself and without doubles; often empty, two at most.
    """
    readings = []
    for read in (_read_telex, _read_vni):
        reading = _WORD.sub(lambda match, read=read: _reread(match[0], read), text)  # type: ignore[misc]
        if reading != text and reading not in readings:
            readings.append(reading)
    return readings


def search_forms(text: str) -> list[str]:
    """Return the folded forms under which a look-up should search `text`: as typed, then as Telex, then as VNI.

    No doubles, never more than three; empty when nothing searchable is left.
    """
    forms = (fold(reading) for reading in (text, *telex_slips(text)))
    return [form for form in dict.fromkeys(forms) if form]


def _reread(word: str, read: Callable[[str], str | None]) -> str:
    if not word.isascii() or not 2 < len(word) <= _LONGEST_KEYS or is_syllable(word):
        return word
    reading = read(word.lower())
    if reading is None:
        return word
    if word.isupper():
        return reading.upper()
    return reading[0].upper() + reading[1:] if word[0].isupper() else reading


def _read_telex(word: str) -> str | None:
    """Return the syllable the Telex keys of `word` make, None when there is no key or no correct syllable."""
    letters: list[str] = []
    tone = ""
    used = False
    for key in word:
        has_vowel = any(letter in _VOWELS for letter in letters)
        if key in _TELEX_TONES and has_vowel:
            tone, used = _TELEX_TONES[key], True
        elif key == "w":
            if not _add_horn_or_breve(letters):
                letters.append("ư")
            used = True
        elif (key == "d" and letters[:1] == ["d"]) or (key in _CIRCUMFLEX and _doubles(letters, key)):
            place = 0 if key == "d" else _last(letters, key)
            letters[place] = "đ" if key == "d" else _CIRCUMFLEX[key]
            used = True
        else:
            letters.append(key)
    return _spell(letters, tone) if used else None


def _read_vni(word: str) -> str | None:
    """Return the syllable the VNI keys of `word` make, None when there is no key or no correct syllable."""
    letters: list[str] = []
    tone = ""
    used = False
    for key in word:
        if key.isalpha():
            letters.append(key)
            continue
        used = True
        if not any(letter in _VOWELS for letter in letters) and key != "9":
            return None
        if key in _VNI_TONES:
            tone = _VNI_TONES[key]
        elif key == "9" and letters[:1] == ["d"]:
            letters[0] = "đ"
        elif key == "6" and any(letter in _CIRCUMFLEX for letter in letters):
            place = max(_last(letters, vowel) for vowel in _CIRCUMFLEX)
            letters[place] = _CIRCUMFLEX[letters[place]]
        elif key == "8" and "a" in letters:
            letters[_last(letters, "a")] = "ă"
        elif not (key == "7" and _add_horn(letters)):
            return None
    return _spell(letters, tone) if used else None


def _doubles(letters: list[str], vowel: str) -> bool:
    """Whether a second `vowel` key asks for a circumflex: it follows its twin, or the consonants that end the syllable."""
    place = _last(letters, vowel)
    return place >= 0 and not any(letter in _VOWELS for letter in letters[place + 1 :])


def _add_horn_or_breve(letters: list[str]) -> bool:
    """Apply Telex w: a horn to u and o, else a breve to a. Return whether there was a letter to take it."""
    if "a" in letters and not ("u" in letters and letters.index("u") + 1 == letters.index("a") and letters[0] != "q"):
        letters[_last(letters, "a")] = "ă"
        return True
    return _add_horn(letters)


def _add_horn(letters: list[str]) -> bool:
    """Turn uo into ươ, else the last o or u into ơ, ư (a second key completes ươ). Return whether there was one."""
    pair = next((place for place in range(len(letters) - 1) if letters[place] in "uư" and letters[place + 1] in "oơ"), None)
    if pair is not None and letters[pair : pair + 2] != ["ư", "ơ"]:
        open_syllable = pair + 2 == len(letters)
        if letters[pair : pair + 2] == ["u", "ơ"] or not open_syllable or letters[pair] == "ư":
            letters[pair] = "ư"
        letters[pair + 1] = "ơ"
        return True
    place = max(_last(letters, vowel) for vowel in _HORN)
    if place < 0:
        return letters[-2:] == ["ư", "ơ"]
    letters[place] = _HORN[letters[place]]
    return True


def _last(letters: list[str], letter: str) -> int:
    """Return the last place of `letter`, -1 when it is not there."""
    return max((place for place, each in enumerate(letters) if each == letter), default=-1)


def _spell(letters: list[str], tone: str) -> str | None:
    """Return the syllable of `letters` with `tone` in its place, None when Vietnamese has no such syllable."""
    for written in _horn_variants("".join(letters)):
        syllable = Syllable.parse(written + tone)
        if syllable is not None:
            place = syllable.tone_place("old")
            return unicodedata.normalize("NFC", written[: place + 1] + tone + written[place + 1 :])
    return None


def _horn_variants(written: str) -> tuple[str, ...]:
    """Return `written`, and with uơ and ươ exchanged: which of both a horn key meant shows only at the syllable's end."""
    if "ươ" in written:
        return written, written.replace("ươ", "uơ")
    return written, written.replace("uơ", "ươ")
