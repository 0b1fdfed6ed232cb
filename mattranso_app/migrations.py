"""Running the migrations of `alembic/` from code: the launcher, the tests and `./mattranso migrate` use it."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from mattranso_app.settings import ROOT


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` (owner's libpq address) up to `revision`, or down to it when it is older.

    Blocking: call it before the server starts, or in a thread.
    """
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = url
    if revision == "head":
        command.upgrade(config, "heads")
        return
    known = [script.revision for script in _scripts(config)]
    current = _current(url)
    goes_down = revision == "base" or (current in known and revision in known and known.index(revision) > known.index(current))
    (command.downgrade if goes_down else command.upgrade)(config, revision)


def _scripts(config: Config) -> list:  # type: ignore[type-arg]
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
