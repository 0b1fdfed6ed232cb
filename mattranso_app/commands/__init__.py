"""What each command of ./mattranso does; one file a subject. `cli.py` only parses the words."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module

from mattranso_app.commands.faults import plain_words

__all__ = ["dispatch", "plain_words"]

_PLACES: dict[str, str] = {
    "run": "run:run",
    "build": "run:build",
    "test": "test:test",
    "bench": "bench:bench",
    "worker": "data:worker",
    "migrate": "data:migrate",
    "seed": "data:seed",
    "import": "data:import_units",
    "user": "accounts:user",
    "backup": "archive:backup",
    "restore": "archive:restore",
    "audit": "archive:audit",
    "reindex": "data:reindex",
    "doctor": "doctor:doctor",
}


def dispatch(options: argparse.Namespace) -> int:
    """Run the command that `options` names and return its exit code."""
    module, function = _PLACES[options.command].split(":")
    act: Callable[[argparse.Namespace], int] = getattr(import_module(f"mattranso_app.commands.{module}"), function)
    return act(options)
