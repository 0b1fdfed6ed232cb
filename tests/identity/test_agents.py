"""Browsers in words, as the list of one's own sessions names them."""

from __future__ import annotations

import pytest

from mattranso_app.identity import text
from mattranso_app.identity.agents import agent_words


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome trên Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Safari/604.1", "Safari trên iPhone"),
        ("Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 Zalo android/2410", "Zalo trên Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge trên Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox trên Linux"),
        ("curl/8.5", text.UNKNOWN_BROWSER),
        ("", text.UNKNOWN_BROWSER),
    ],
)
def test_agent_words(header: str, words: str) -> None:
    assert agent_words(header) == words
