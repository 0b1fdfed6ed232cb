"""Types and small helpers the wrappers share: everything takes plain values or Reflex vars alike."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import reflex as rx

Text: TypeAlias = str | rx.Var
"""Words: a string, or a var that holds one."""

Node: TypeAlias = rx.Component | rx.Var | str
"""What may stand inside an element."""

Flag: TypeAlias = bool | rx.Var
"""Yes or no: known when the page is built, or a var."""

Kind: TypeAlias = Literal["ok", "go", "wait", "late", "plain"]
"""Meaning of a coloured thing: done · under way · needs attention · late or wrong · neutral."""


def classes(*names: str | bool | None) -> str:
    """Join the class names that are not empty."""
    return " ".join(name for name in names if isinstance(name, str) and name)


def with_class(props: dict[str, Any], *names: str | bool | None) -> dict[str, Any]:
    """Return `props` with `names` put before the caller's own `class_name`, if any."""
    return {**props, "class_name": classes(*names, props.get("class_name", ""))}


def when(condition: Flag, shown: Node) -> Node:
    """Return `shown` if the condition holds, else nothing; decided now for a bool, in the browser for a var."""
    if isinstance(condition, rx.Var):
        return rx.cond(condition, shown, rx.fragment())
    return shown if condition else rx.fragment()


def is_given(text: Text | None) -> bool:
    """Return whether there is something to show: any var, or a string that is not empty."""
    return isinstance(text, rx.Var) or bool(text)
