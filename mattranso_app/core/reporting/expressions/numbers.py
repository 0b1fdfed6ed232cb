"""Numbers of expressions: whole multiples of 0.0001 held as integers, so that Python and the browser agree to the last digit."""

from __future__ import annotations

import re
from decimal import Decimal

Raw = int | Decimal | str | None
"""What a cell may hold: a number, the plain text of one (`-12.5`), words, or nothing."""

PLACES = 4
"""Decimal places kept."""

ONE = 10**PLACES
"""The number 1."""

BOUND = 10**15 * ONE
"""Numbers are smaller than this in magnitude; what grows to it is empty."""

_PLAIN = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?")
_BLANK = re.compile(r"[ \t\r\n\u00a0]*")


def divide(dividend: int, divisor: int) -> int:
    """Return the quotient of two integers rounded half away from zero.

    Args:
        dividend: any integer.
        divisor: any but 0.
    """
    size, by = abs(dividend), abs(divisor)
    quotient = (2 * size + by) // (2 * by)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def bounded(number: int | None) -> int | None:
    """Return `number`, or nothing when it has grown too large."""
    return None if number is None or abs(number) >= BOUND else number


def read(raw: Raw) -> int | None:
    """Return what a cell holds in multiples of 0.0001, rounded half away from zero; None for nothing, words and what is too large.

    Args:
        raw: text is read as a plain number (`-12.5`), not as people write it (`1.234,5`).

    Raises:
        TypeError: a value of another type; a float is none, its digits are not what was written.
    """
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | str):
        raise TypeError(f"a value is an int, a Decimal, a str or None, not {type(raw).__name__}")
    plain = _PLAIN.fullmatch(raw if isinstance(raw, str) else format(raw, "f"))
    if plain is None:
        return None
    sign, whole, fraction = plain[1], plain[2], plain[3] or ""
    number = divide(int(whole + fraction) * ONE, 10 ** len(fraction))
    return bounded(-number if sign else number)


def is_filled(raw: Raw) -> bool:
    """Return whether a cell holds anything but blanks."""
    return raw is not None and not (isinstance(raw, str) and _BLANK.fullmatch(raw))


def write(number: int) -> Decimal:
    """Return multiples of 0.0001 as a decimal without trailing zeros."""
    whole, rest = divmod(number, ONE)
    return Decimal(number).scaleb(-PLACES).normalize() if rest else Decimal(whole)


def show_number(number: Decimal | float) -> str:
    """Return a number as people read it in Viet Nam: `1.234,5`; decimal places as it has them."""
    whole, _, fraction = format(abs(Decimal(str(number))), ",f").partition(".")
    return ("−" if number < 0 else "") + whole.replace(",", ".") + (f",{fraction}" if fraction else "")
