"""The petition page as it is sent, before any script: the same text in the same classes as `views/item.py` draws it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mattranso_app.core.clock import VN, now
from mattranso_app.petitions import text
from mattranso_app.ui import text as ui_text
from mattranso_app.ui.icons import PATHS
from mattranso_app.ui.surfaces import SIGNS

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True, auto_reload=False,
)
_environment.globals.update(words=text, ui=ui_text, icons=PATHS, signs=SIGNS)


def item_html(snapshot: dict[str, Any]) -> str:
    """Return the HTML of one petition's page, escaped; `snapshot` is that of its live topic."""
    return _environment.get_template("item.html").render(item=snapshot, at=now().astimezone(VN).strftime("%H:%M:%S"))
