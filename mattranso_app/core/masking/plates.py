"""Licence plates of cars, motorcycles, the army and embassies (Circular 79/2024/TT-BCA and the older forms still about)."""

from __future__ import annotations

import re

from mattranso_app.core.masking.skeleton import Contexts, Found, Skeleton

_NUMBER = r"(?:[0-9]{3}[. ]?[0-9]{2}|[0-9]{2}\.[0-9]{3}|[0-9]{4})(?![0-9a-z]|[.,][0-9])"
_PLATE = re.compile(
    rf"(?<![0-9a-z./,-])[1-9][0-9][ .-]?(?P<series>[a-z]{{1,2}}[0-9]?)[ .-]{{0,2}}{_NUMBER}"
)
_ARMY = re.compile(r"(?<![0-9a-z./,-])[a-z]{2}[ .-]?[0-9]{2}[ .-]?[0-9]{2}(?![0-9a-z]|[./,-][0-9])")
_EMBASSY = re.compile(r"(?<![0-9a-z./,])(?:[0-9]{2}[ -]?)?(?:ng|nn|qt|cv)[ .-]?[0-9]{3}[ .-]?[0-9]{2}(?![0-9a-z])")
_VEHICLE = re.compile(
    r"\b(?P<plate>bks|bsx|bien so|bien kiem soat|bien do|bien xanh|bien|xe|o to|oto|mo to|xe may|container|ro mooc|tai xe)\b"
)
# Series letters that are units of measure when a number follows.
_UNITS = frozenset({"kw", "kv", "hp", "km", "kg", "ha", "cm", "mm", "ml", "kb", "mb", "gb", "db", "mg", "tr"})


def find_plates(text: Skeleton) -> list[Found]:
    """Return the licence plates in `text`: in capitals anywhere, in small letters where a vehicle is spoken of."""
    vehicles = Contexts.of(text.plain, _VEHICLE)
    found = []
    for match in _PLATE.finditer(text.plain):
        series = text.bare[match.start("series") : match.end("series")]
        near = vehicles.before(match.start(), 40)[0] != ""
        if near or (series.isupper() and series.lower().rstrip("0123456789") not in _UNITS):
            found.append(Found(match.start(), match.end(), "plate"))
    for pattern, reach in ((_ARMY, 20), (_EMBASSY, 30)):
        for match in pattern.finditer(text.plain):
            capital = text.bare[match.start() : match.end()].upper() == text.bare[match.start() : match.end()]
            if capital and vehicles.before(match.start(), reach)[0] and not _overlaps(match, found):
                found.append(Found(match.start(), match.end(), "plate"))
    return found


def _overlaps(match: re.Match[str], found: list[Found]) -> bool:
    return any(each.start < match.end() and match.start() < each.end for each in found)
