"""Levels and kinds of units, how their names begin, and what people type instead.

Levels follow the two-level local government since 1 July 2025 (Law 72/2025/QH15) with Central above and residential
groups (thôn, bản, tổ dân phố) below; kinds of old districts stay known for look-up by former names.
"""

from __future__ import annotations

from enum import StrEnum

from mattranso_app.core.text import fold


class Level(StrEnum):
    """Where in the tree a unit stands."""

    CENTRAL = "central"
    PROVINCE = "province"
    COMMUNE = "commune"
    GROUP = "group"


class FormerLevel(StrEnum):
    """Where a unit stood before 1 July 2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Kind(StrEnum):
    """What a unit is. The last four exist only among former units."""

    TRUNG_UONG = "trung_uong"
    TINH = "tinh"
    THANH_PHO = "thanh_pho"
    XA = "xa"
    PHUONG = "phuong"
    DAC_KHU = "dac_khu"
    THON = "thon"
    BAN = "ban"
    TO_DAN_PHO = "to_dan_pho"
    QUAN = "quan"
    HUYEN = "huyen"
    THI_XA = "thi_xa"
    THI_TRAN = "thi_tran"


LABELS: dict[Kind, str] = {
    Kind.TRUNG_UONG: "Trung ương",
    Kind.TINH: "Tỉnh",
    Kind.THANH_PHO: "Thành phố",
    Kind.XA: "Xã",
    Kind.PHUONG: "Phường",
    Kind.DAC_KHU: "Đặc khu",
    Kind.THON: "Thôn",
    Kind.BAN: "Bản",
    Kind.TO_DAN_PHO: "Tổ dân phố",
    Kind.QUAN: "Quận",
    Kind.HUYEN: "Huyện",
    Kind.THI_XA: "Thị xã",
    Kind.THI_TRAN: "Thị trấn",
}
"""How the official name of each kind begins."""

KINDS_OF_LEVEL: dict[Level, tuple[Kind, ...]] = {
    Level.CENTRAL: (Kind.TRUNG_UONG,),
    Level.PROVINCE: (Kind.TINH, Kind.THANH_PHO),
    Level.COMMUNE: (Kind.XA, Kind.PHUONG, Kind.DAC_KHU),
    Level.GROUP: (Kind.THON, Kind.BAN, Kind.TO_DAN_PHO),
}

LEVEL_ABOVE: dict[Level, Level] = {
    Level.PROVINCE: Level.CENTRAL,
    Level.COMMUNE: Level.PROVINCE,
    Level.GROUP: Level.COMMUNE,
}

DISTRICT_KINDS = frozenset({Kind.QUAN, Kind.HUYEN, Kind.THI_XA, Kind.THI_TRAN})
"""Kinds that no unit of today has: who types one means a former unit."""

CENTRAL_CODE = "vn"

GROUP_WORDS: dict[str, Kind] = {
    "tổ dân phố": Kind.TO_DAN_PHO,
    "tổ nhân dân": Kind.TO_DAN_PHO,
    "khu dân cư": Kind.TO_DAN_PHO,
    "khu phố": Kind.TO_DAN_PHO,
    "khối phố": Kind.TO_DAN_PHO,
    "tiểu khu": Kind.TO_DAN_PHO,
    "khối": Kind.TO_DAN_PHO,
    "khóm": Kind.TO_DAN_PHO,
    "khu": Kind.TO_DAN_PHO,
    "tổ": Kind.TO_DAN_PHO,
    "thôn": Kind.THON,
    "làng": Kind.THON,
    "xóm": Kind.THON,
    "ấp": Kind.THON,
    "buôn": Kind.THON,
    "bon": Kind.THON,
    "plei": Kind.THON,
    "phum": Kind.THON,
    "sóc": Kind.THON,
    "bản": Kind.BAN,
}
"""Words with which names of residential groups begin in the regions, longest first, and their kind in law."""

ABBREVIATIONS: dict[str, Kind] = {
    "t": Kind.TINH,
    "tp": Kind.THANH_PHO,
    "x": Kind.XA,
    "p": Kind.PHUONG,
    "f": Kind.PHUONG,
    "dk": Kind.DAC_KHU,
    "q": Kind.QUAN,
    "h": Kind.HUYEN,
    "tx": Kind.THI_XA,
    "tt": Kind.THI_TRAN,
}
"""Short forms people type, folded: "P. 5, Q. 3, TP. HCM"."""

KIND_WORDS: dict[tuple[str, ...], Kind] = {
    tuple(fold(label).split()): kind for kind, label in LABELS.items() if kind is not Kind.TRUNG_UONG
}
"""Folded words of each kind."""

FILLERS = frozenset(word for words in KIND_WORDS for word in words) | frozenset(ABBREVIATIONS)
"""Words that may stand between a name and where it lies ("xã Phú Xuân, huyện Nhà Bè") without being part of either."""


def split_name(name: str, kind: Kind) -> str:
    """Return `name` without the words of its kind: "Phường Ba Đình" gives "Ba Đình"; a name without them stays."""
    label = LABELS[kind] + " "
    return name[len(label) :] if name.lower().startswith(label.lower()) else name


def full_name(kind: Kind, short: str) -> str:
    """Return the official name of a unit of `kind` called `short`."""
    return f"{LABELS[kind]} {short}"


def kind_of_group(name: str) -> Kind | None:
    """Return the kind that the first words of a residential group's name tell, None when they tell none."""
    lowered = name.lower()
    for word, kind in GROUP_WORDS.items():
        if lowered.startswith(word + " "):
            return kind
    return None
