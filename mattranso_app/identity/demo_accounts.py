"""Where the demonstration accounts are kept for the person who started the platform. Light: `run` imports it before it forks."""

from __future__ import annotations

from pathlib import Path

from mattranso_app.settings import settings


def accounts_file() -> Path:
    """Return where the demonstration accounts are kept."""
    return settings().data_dir / "demo-accounts.txt"


def accounts_text() -> str:
    """Return the demonstration accounts as a table for the terminal."""
    if not accounts_file().is_file():
        return ""
    return f"Tài khoản trình diễn (chỉ dùng trên máy này):\n{accounts_file().read_text()}"
