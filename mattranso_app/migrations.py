"""Running the migrations of `alembic/` from code: the launcher, the tests and `./mattranso migrate` use it."""

from __future__ import annotations

import re
from typing import Any

from mattranso_app.settings import ROOT


class UnknownRevision(Exception):
    """There is no such revision in `alembic/versions`."""


class WouldGoDown(Exception):
    """The revision asked for is older than the database; going there throws away what newer tables hold."""


def migrate(url: str, revision: str = "head", *, may_go_down: bool = True) -> None:
    """Bring the database at `url` (owner's libpq address) up to `revision`, or down to it when it is older.

    Blocking: call it before the server starts, or in a thread.

    Raises:
        UnknownRevision: neither "head", "base" nor a revision of ours.
        WouldGoDown: `revision` is older than the database and `may_go_down` is false.
    """
    from alembic.config import Config

    from alembic import command

    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    if revision == "head":
        command.upgrade(config, "heads")
        return
    known = [script.revision for script in _scripts(config)]
    if revision not in known and revision != "base":
        raise UnknownRevision(revision)
    current = _current(url)
    goes_down = revision == "base" or (current in known and known.index(revision) > known.index(current))
    if goes_down and not may_go_down:
        raise WouldGoDown(revision)
    (command.downgrade if goes_down else command.upgrade)(config, revision)


def head_revision() -> str:
    """Return the newest revision in `alembic/versions`."""
    revisions = _links()
    heads = set(revisions) - set(revisions.values())
    if len(heads) != 1:
        raise RuntimeError(f"expected one head revision, found {sorted(heads)}")
    return heads.pop()


def known_revisions() -> frozenset[str]:
    """Return every revision in `alembic/versions`."""
    return frozenset(_links())


def _links() -> dict[str, str]:
    """Return each revision with the one before it, read from the files' names and links without loading Alembic."""
    revisions: dict[str, str] = {}
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        text = path.read_text()
        revision = re.search(r'^revision = "([^"]+)"', text, re.M)
        parent = re.search(r'^down_revision = "([^"]+)"', text, re.M)
        if revision:
            revisions[revision[1]] = parent[1] if parent else ""
    return revisions


def _scripts(config: Any) -> list[Any]:
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory.from_config(config).walk_revisions())


def _current(url: str) -> str:
    import psycopg

    from mattranso_app.core.db import libpq_url

    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if not row or row[0] is None:
            return ""
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return found[0] if found else ""
