"""Browsers in words: a person should know his own telephone in the list of sessions. Only for reading, never for a decision."""

from __future__ import annotations

from mattranso_app.identity import text

_BROWSERS = (
    ("Zalo", "Zalo"), ("Edg", "Edge"), ("CocCoc", "Cốc Cốc"), ("coc_coc", "Cốc Cốc"), ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)
_DEVICES = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "máy Mac"),
    ("Linux", "Linux"),
)
"""Part of the header → words; the first that is there counts, since browsers also name those they descend from."""


def agent_words(header: str) -> str:
    """Return the browser and the device of a User-Agent header, "Chrome trên Android"."""
    browser = next((words for part, words in _BROWSERS if part in header), "")
    device = next((words for part, words in _DEVICES if part in header), "")
    return text.BROWSER_ON.format(browser=browser, device=device) if browser and device else browser or device or text.UNKNOWN_BROWSER
