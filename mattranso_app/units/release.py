"""A list of units as somebody hands it over: a CSV file, read and checked before anything is compared with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.text import nfc
from mattranso_app.units import text
from mattranso_app.units.kinds import CENTRAL_CODE, KINDS_OF_LEVEL, Kind, Level

LARGEST_RELEASE = 4 * 1024 * 1024
"""Bytes a list may have; the whole country is 0.1 MB."""

MOST_FAULTS = 20
"""Faults of a list that are told at once."""

_CODES = {Level.PROVINCE: re.compile(r"\d{2}"), Level.COMMUNE: re.compile(r"\d{5}")}


@dataclass(frozen=True, slots=True)
class Former:
    """A code of today's list from which a unit was formed, and the part of it (0–1) that it got, if known."""

    code: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class ReleaseUnit:
    """One line of a list."""

    code: str
    level: Level
    kind: Kind
    name: str
    parent: str
    former: tuple[Former, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A whole list: every province and commune that exists from some day on."""

    source: str
    units: tuple[ReleaseUnit, ...]


def read_release(data: bytes, source: str) -> Release:
    """Return the list in `data`: CSV in UTF-8 with the columns code, kind, name, parent and perhaps former.

    Args:
        data: the file.
        source: where it comes from, for the record.

    Raises:
        InvalidInput: it cannot be read, or lines contradict each other; `fields` tells up to 20 of them by line.
    """
    if len(data) > LARGEST_RELEASE:
        raise InvalidInput(text.RELEASE_UNREADABLE)
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(text.RELEASE_UNREADABLE) from error
    if not rows or not {"code", "kind", "name", "parent"} <= set(rows[0]):
        raise InvalidInput(text.RELEASE_UNREADABLE)
    units: list[ReleaseUnit] = []
    faults: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        unit = _read_unit(row)
        if isinstance(unit, ReleaseUnit):
            units.append(unit)
        elif len(faults) < MOST_FAULTS:
            faults[str(number)] = unit
    for number, fault in _contradictions(units):
        if len(faults) < MOST_FAULTS:
            faults.setdefault(str(number), fault)
    if faults:
        told = " ".join(text.RELEASE_ROW.format(row=row, fault=fault) for row, fault in faults.items())
        raise InvalidInput(told, fields=faults)
    return Release(source, tuple(units))


def _read_unit(row: dict[str, str | None]) -> ReleaseUnit | str:
    """Return the unit of a line, or what is wrong with it."""
    code = (row["code"] or "").strip()
    level = next((level for level, pattern in _CODES.items() if pattern.fullmatch(code)), None)
    if level is None:
        return text.RELEASE_CODE_BAD.format(code=code[:20])
    kind = (row["kind"] or "").strip()
    if kind not in KINDS_OF_LEVEL[level]:
        return text.RELEASE_KIND_BAD.format(kind=kind[:20])
    name = " ".join(nfc(row["name"] or "").replace("’", "'").split())
    if not name or len(name) > 100 or not name.isprintable():
        return text.RELEASE_NAME_BAD
    former = []
    for part in (row.get("former") or "").split():
        old, _, share = part.partition(":")
        if share and not _is_share(share):
            return text.RELEASE_SHARE_BAD.format(share=share[:20])
        former.append(Former(old, Decimal(share) if share else None))
    parent = (row["parent"] or "").strip() if level is Level.COMMUNE else CENTRAL_CODE
    return ReleaseUnit(code, level, Kind(kind), name, parent, tuple(former))


def _is_share(share: str) -> bool:
    """Whether `share` is a number above 0 and at most 1 with six places, as the database keeps it."""
    return re.fullmatch(r"0?\.\d{1,6}|1(\.0{1,6})?", share) is not None and Decimal(share) > 0


def _contradictions(units: list[ReleaseUnit]) -> Iterator[tuple[int, str]]:
    """Yield line and fault of units that contradict others."""
    codes: set[str] = set()
    names: set[tuple[str, str]] = set()
    provinces = {unit.code for unit in units if unit.level is Level.PROVINCE}
    for number, unit in enumerate(units, start=2):
        if unit.code in codes:
            yield number, text.RELEASE_CODE_TWICE.format(code=unit.code)
        if unit.level is Level.COMMUNE and unit.parent not in provinces:
            yield number, text.RELEASE_PARENT_BAD.format(parent=unit.parent[:20])
        if (unit.parent, unit.name.lower()) in names:
            yield number, text.RELEASE_NAME_TWICE.format(name=unit.name)
        codes.add(unit.code)
        names.add((unit.parent, unit.name.lower()))
