"""What a room says of one of its pages when the app adds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx


@dataclass(frozen=True, slots=True)
class Entry:
    """A page and its address.

    Attributes:
        route: its address; `[name]` is a segment that varies.
        title: the document's title; begins with the page's `h1`.
        make: draws it.
        description: for search engines and previews.
        on_load: event handlers run when it is opened.
    """

    route: str
    title: str
    make: Callable[[], rx.Component]
    description: str = ""
    on_load: Any = None
