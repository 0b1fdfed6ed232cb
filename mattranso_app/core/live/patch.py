"""Changes between two versions of a topic: JSON Merge Patch (RFC 7396).

A patch carries absolute values, so that applying it twice does no harm: objects are merged key by key, null removes a
key, everything else replaces. Hence null cannot be a value: a snapshot's null is the same as the key's absence.
Lists are replaced whole; what changes row by row is better kept as an object keyed by the row's code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


def normal(value: Any) -> Any:
    """Return `value` in plain JSON terms: no nulls in objects, string keys, times in ISO 8601.

    Raises:
        TypeError: something in it has no JSON form.
        ValueError: a number is not finite.
    """
    if isinstance(value, Enum):
        return normal(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a live value must be finite")
        return value
    if isinstance(value, Mapping):
        return {str(key): normal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [normal(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return normal(int(value) if value == value.to_integral_value() else float(value))
    raise TypeError(f"a live value cannot hold a {type(value).__name__}")


def merge(target: Any, patch: Any) -> Any:
    """Return `target` changed by `patch`; neither is touched, and what did not change is shared with `target`."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def difference(old: Any, new: dict[str, Any]) -> dict[str, Any]:
    """Return the patch that turns `old` into `new`; empty when they are the same. Both in the form `normal` gives."""
    if not isinstance(old, dict):
        return new
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if before is value or (before is not None and _same(before, value)):
            continue
        patch[key] = difference(before, value) if isinstance(value, dict) else value
    return patch


def _same(one: Any, other: Any) -> bool:
    # Python finds True == 1, JSON does not.
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def encode(value: Any) -> bytes:
    """Return `value` as compact UTF-8 JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
