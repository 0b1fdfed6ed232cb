"""Line icons of one stroke width, drawn as inline SVG on a 24 × 24 grid. No icon font, no package."""

# ruff: noqa: E501 - a path is one word and is not broken

from __future__ import annotations

import reflex as rx

PATHS: dict[str, str] = {
    "alert": "M12 3.5 2.5 20h19zM12 10v4.5M12 17.4v.1",
    "archive": "M4 8v11h16V8M3 4.5h18V8H3zM10 12h4",
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "bell": "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4",
    "book": "M12 6.5C10 5 7 4.6 4 5v13c3-.4 6 0 8 1.5 2-1.5 5-1.9 8-1.5V5c-3-.4-6 0-8 1.5zm0 0v13",
    "building": "M4 20h16M5 17h14M7 17v-6M12 17v-6M17 17v-6M4 11h16L12 4z",
    "camera": "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
    "calendar": "M4.5 6h15v14h-15zM4.5 10.5h15M8.5 3.5V7M15.5 3.5V7",
    "chat": "M5 5h14a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 19 16h-7l-4.5 4v-4H5a1.5 1.5 0 0 1-1.5-1.5v-8A1.5 1.5 0 0 1 5 5zM8 9h8M8 12h5",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "chevron": "M9 5.5l6.5 6.5L9 18.5",
    "back": "M15 5.5L8.5 12l6.5 6.5",
    "clock": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
    "cross": "M6 6l12 12M18 6L6 18",
    "dot": "M12 12v.01",
    "download": "M12 4v11M7 10.5l5 5 5-5M5 20h14",
    "edit": "M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5",
    "eye": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
    "file": "M6 3.5h8l4.5 4.5v12.5H6zM13.5 3.5v5h5M9 13h6M9 16.5h6",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "heart": "M12 20S4 15 4 9.2A4.2 4.2 0 0 1 12 7.5a4.2 4.2 0 0 1 8 1.7C20 15 12 20 12 20z",
    "home": "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
    "info": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5.5M12 7.6v.1",
    "inbox": "M4 13l2.5-8h11L20 13v6H4zM4 13h4.5l1.2 2.5h4.6l1.2-2.5H20",
    "key": "M8 19a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11 11.5L19.5 3M16.5 6l2.5 2.5M14 8.5l2 2",
    "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "mail": "M3.5 6h17v12.5h-17zM4 7l8 6 8-6",
    "megaphone": "M4 10v4l3 .6V9.4zM7 9.4L18 5v14L7 14.6M9.5 15.2l1 4.8h3l-.9-4",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "merge": "M6 4v5c0 3 6 3 6 7v4M18 4v5c0 3-6 3-6 7M9.5 17.5L12 20l2.5-2.5",
    "moon": "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
    "offline": "M3 3l18 18M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4.2-2.5M14 9.3A10 10 0 0 1 19 12M12 19v.01",
    "people": "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5M16 5a3.2 3.2 0 0 1 0 6M17.5 14.8c2.2.6 3.5 2.4 3.5 5.2",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-4 3-6.2 7.5-6.2s7.5 2.2 7.5 6.2",
    "phone": "M7.5 3.5h9v17h-9zM11 17.5h2",
    "pin": "M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
    "plus": "M12 5v14M5 12h14",
    "print": "M7 9V4h10v5M7 16H4V9h16v7h-3M7 14h10v6H7z",
    "refresh": "M19 12a7 7 0 1 1-2.2-5.1M19.5 3.5v4h-4",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
    "send": "M4 12l16-7.5-5 15.5-3.5-6zM11.5 14L20 4.5",
    "server": "M4 5.5h16v5H4zM4 13.5h16v5H4zM7.5 8h.01M7.5 16h.01M11 8h6M11 16h6",
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
    "shield": "M12 3.5l7.5 3v5c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5v-5zM8.8 12l2.4 2.4 4.2-4.5",
    "sun": "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
    "trash": "M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13h9l1-13M10.5 11v5.5M13.5 11v5.5",
    "upload": "M12 16V5M7 9.5l5-5 5 5M5 20h14",
}
"""Name → SVG path data. All are stroked, none filled."""

STAR = "M12 2.6l2.3 7h7.3l-5.9 4.3 2.2 7-5.9-4.3-5.9 4.3 2.2-7L2.4 9.6h7.3z"
"""The five-pointed star of the mark, filled."""


def icon(name: str, label: str = "") -> rx.Component:
    """Return an icon as tall as one and a half letters, in the colour of the text around it.

    Args:
        name: a key of `PATHS`.
        label: what a screen reader says; empty when the words beside it already say it.

    Raises:
        KeyError: there is no such icon.
    """
    told = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return rx.el.svg(rx.el.path(d=PATHS[name]), view_box="0 0 24 24", class_name="icon", **told)


def star_mark() -> rx.Component:
    """Return the gold star on a red disc; decorative, the brand's name stands beside it."""
    return rx.el.span(rx.el.svg(rx.el.path(d=STAR), view_box="0 0 24 24"), class_name="star", aria_hidden="true")
