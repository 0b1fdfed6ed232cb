"""Where the 34 provinces stand on the grid map: column and row, roughly as the country lies."""

from __future__ import annotations

_ROWS = (
    ("", "12", "", ""),
    ("11", "15", "08", "04"),
    ("14", "25", "19", "20"),
    ("", "01", "24", "22"),
    ("38", "37", "33", "31"),
    ("", "40", "", ""),
    ("", "42", "", ""),
    ("", "44", "46", ""),
    ("", "51", "48", ""),
    ("", "52", "66", ""),
    ("", "68", "56", ""),
    ("80", "75", "79", ""),
    ("91", "82", "86", ""),
    ("96", "92", "", ""),
)
PLACES = {code: (column, row) for row, codes in enumerate(_ROWS) for column, code in enumerate(codes) if code}
"""Code of a province → column and row from the north-west, both from 0."""
COLUMNS, ROWS = 4, len(_ROWS)
