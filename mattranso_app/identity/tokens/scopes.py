"""What a personal access token may be made for: some of the actions, never all. Changing an account is not among them."""

from __future__ import annotations

import re
import secrets as random

from mattranso_app.core.access import Action

PREFIX = "mts_"
"""Begins every token, so that a scanner of leaked secrets knows it."""

PATTERN = re.compile(r"mts_[A-Za-z0-9_-]{43}")

SCOPES: dict[Action, str] = {
    Action.ACCOUNT_READ: "Đọc những gì của mình: họ tên, đơn vị, vai trò, phản ánh đã gửi",
    Action.PETITION_READ: "Đọc phản ánh, kiến nghị của đơn vị mình (cần có quyền đó)",
    Action.REGISTRY_READ: "Đọc biểu và số liệu báo cáo của đơn vị mình (cần có quyền đó)",
    Action.REGISTRY_ENTER: "Nhập và gửi số liệu báo cáo của đơn vị mình (cần có quyền đó)",
}
"""Action → what it means, as people read it. A tool with an interface for programs adds its actions."""


def new_token() -> str:
    """Return a fresh token of 256 random bits."""
    return PREFIX + random.token_urlsafe(32)


def actions(names: list[str]) -> frozenset[Action]:
    """Return the actions behind kept scopes; one that is lent no longer counts for nothing."""
    return frozenset(action for action in SCOPES if action in names)
