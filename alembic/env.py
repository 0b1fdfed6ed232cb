"""Alembic's environment: runs migrations as the owner role, one transaction each, on the database of the settings."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from alembic import context
from mattranso_app.core.db import sqlalchemy_url
from mattranso_app.settings import settings


def run() -> None:
    """Migrate the database given by `-x url=…`, the attribute `url` of the config, or the settings."""
    url = (
        context.config.attributes.get("url")
        or context.get_x_argument(as_dictionary=True).get("url")
        or settings().migration_url
        or settings().database_url
    )
    engine = create_engine(sqlalchemy_url(url), connect_args={"options": "-c timezone=UTC"})
    with engine.connect() as connection:
        # Two processes that start at once must not migrate at once.
        connection.execute(text("SELECT pg_advisory_lock(726_174)"))
        connection.commit()
        context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
