"""Takes the facts of a release of `vietnam-provinces` and writes them as CSV beside this file.

Run by hand when a new release is out, with Python ≥ 3.12 and the package installed; the platform never imports it:

    python3.12 -m pip install vietnam-provinces==2026.9.0
    python3.12 extract.py                  # units.csv and former_units.csv, as of 1 July 2025
    python3.12 extract.py --release now.csv  # the state of the release, for `./mattranso import units now.csv`

Only facts are taken (codes, names, kinds, parents, which unit went into which). Dated changes after 1 July 2025 are
kept by hand in `changes.csv`, each with the resolution it rests on; names before the period of the list in
`popular_names.csv`.
"""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent

KINDS = {
    "tỉnh": "tinh",
    "thành phố trung ương": "thanh_pho",
    "thành phố": "thanh_pho",
    "quận": "quan",
    "huyện": "huyen",
    "thị xã": "thi_xa",
    "xã": "xa",
    "phường": "phuong",
    "thị trấn": "thi_tran",
    "đặc khu": "dac_khu",
}

NAMES_MISSING_IN_SOURCE = {
    # Formed between 1 January and 1 March 2025 (Resolutions 1278 and 1280/NQ-UBTVQH15), after the source's list of names.
    3980: ("phuong", "Phường Mộc Lỵ"),
    3983: ("phuong", "Phường Bình Minh"),
    3984: ("phuong", "Phường Cờ Đỏ"),
    26929: ("phuong", "Phường 14"),
    26953: ("phuong", "Phường 19"),
    27076: ("phuong", "Phường 15"),
    27226: ("phuong", "Phường 11"),
    27232: ("phuong", "Phường 10"),
    27367: ("phuong", "Phường 2"),
    27373: ("phuong", "Phường 1"),
}

DISTRICTS_WITHOUT_WARDS = {
    # Island districts that had no communes of their own and became special zones (Resolutions of June 2025).
    318: 11948,
    471: 19742,
    498: 20333,
    536: 21548,
    755: 26732,
}


def clean(name: str) -> str:
    """Return `name` in NFC with single blanks, a straight apostrophe and a capital first letter."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name).replace("’", "'")).strip()
    name = re.sub("^Thành Phố ", "Thành phố ", name)
    return name[0].upper() + name[1:]


def write(name: str | Path, header: str, rows: list[tuple[str, ...]]) -> None:
    """Write `rows` under `header` (names with commas)."""
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def current_state() -> dict[str, tuple[str, str, str]]:
    """Return code → (kind, name, parent's code) of the installed release."""
    from vietnam_provinces import Province, Ward

    units = {f"{p.code:02d}": (KINDS[p.division_type], clean(p.name), "vn") for p in Province.iter_all()}
    for ward in Ward.iter_all():
        units[f"{ward.code:05d}"] = (KINDS[ward.division_type], clean(ward.name), f"{ward.province_code:02d}")
    return units


def release_state() -> dict[str, tuple[str, str, str]]:
    """Return the installed release with those dated changes put in that it does not know yet."""
    units = current_state()
    with (HERE / "changes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kind, _, parent = units[row["code"]]
            if kind == row["kind_before"]:
                units[row["code"]] = (row["kind"], row["name"], parent)
    return units


def first_state() -> dict[str, tuple[str, str, str]]:
    """Return the state on 1 July 2025: the release with every change of `changes.csv` taken back."""
    units = current_state()
    with (HERE / "changes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            _, name, parent = units[row["code"]]
            short = name.split(" ", 2)[2] if name.startswith("Thành phố ") else name.split(" ", 1)[1]
            label = {"tinh": "Tỉnh", "xa": "Xã"}[row["kind_before"]]
            units[row["code"]] = (row["kind_before"], f"{label} {short}", parent)
    return units


def former_state() -> list[tuple[str, ...]]:
    """Return rows of provinces, districts and communes before 1 July 2025; `*` marks a successor that got a part only."""
    from vietnam_provinces import _ward_conversion_2025
    from vietnam_provinces.legacy import District, Province, Ward

    rows: list[tuple[str, ...]] = []
    for province in Province.iter_all():
        # One commune of old Tiền Giang went to Tây Ninh; the province itself went to Đồng Tháp (Resolution 202/2025/QH15).
        successor = Counter(
            new.province_code
            for entry in _ward_conversion_2025.OLD_TO_NEW.values()
            if entry.old_ward.province_code == province.code
            for new in entry.new_wards
        ).most_common(1)[0][0]
        rows.append(
            ("province", f"{province.code:02d}", KINDS[province.division_type], clean(province.name), "", f"{successor:02d}")
        )
    for district in District.iter_all():
        island = DISTRICTS_WITHOUT_WARDS.get(district.code)
        rows.append(
            (
                "district",
                f"{district.code:03d}",
                KINDS[district.division_type],
                clean(district.name),
                f"{district.province_code:02d}",
                f"{island:05d}" if island else "",
            )
        )
    wards = {int(ward.code): (KINDS[ward.division_type], clean(ward.name)) for ward in Ward.iter_all()}
    wards.update(NAMES_MISSING_IN_SOURCE)
    for code, entry in sorted(_ward_conversion_2025.OLD_TO_NEW.items()):
        kind, name = wards[code]
        mark = "*" if len(entry.new_wards) > 1 else ""
        successors = " ".join(f"{new.code:05d}{mark}" for new in entry.new_wards)
        rows.append(("commune", f"{code:05d}", kind, name, f"{entry.old_ward.district_code:03d}", successors))
    return rows


def main() -> None:
    """Write the files, or the release alone."""
    header = "code,kind,name,parent"
    if sys.argv[1:2] == ["--release"]:
        write(Path(sys.argv[2]).resolve(), header, sorted_rows(release_state()))
        return
    write("units.csv", header, sorted_rows(first_state()))
    write("former_units.csv", "level,code,kind,name,parent,successors", former_state())


def sorted_rows(units: dict[str, tuple[str, str, str]]) -> list[tuple[str, ...]]:
    """Return rows with provinces first, each level by code; their order gives the ids of a fresh installation."""
    return [(code, *facts) for code, facts in sorted(units.items(), key=lambda item: (len(item[0]), item[0]))]


if __name__ == "__main__":
    main()
