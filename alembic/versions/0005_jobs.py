"""Jobs: procrastinate's tables and functions, from a frozen copy, so that a later release cannot change this migration."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005_jobs"
down_revision = "0004_files"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).with_name("0005_jobs_procrastinate_3_10_0.sql")
TABLES = "procrastinate_workers, procrastinate_jobs, procrastinate_periodic_defers, procrastinate_events"


def upgrade() -> None:
    # Straight through the driver: a colon or a percent sign in this text is no parameter.
    op.get_bind().connection.dbapi_connection.execute(SCHEMA.read_text())
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO mattranso_app")
    for table in ("jobs", "periodic_defers", "events"):
        op.execute(f"GRANT USAGE ON SEQUENCE procrastinate_{table}_id_seq TO mattranso_app")
    # Rows live for seconds: the tables stay small if their space is taken back soon.
    for table in ("jobs", "events"):
        op.execute(f"ALTER TABLE procrastinate_{table} SET (autovacuum_vacuum_scale_factor = 0.05)")


def downgrade() -> None:
    op.execute(f"DROP TABLE {TABLES} CASCADE")
    op.execute(
        """
        DO $$
        DECLARE found regprocedure;
        BEGIN
          FOR found IN SELECT oid FROM pg_proc WHERE proname ~ '^procrastinate_' AND pronamespace = 'public'::regnamespace LOOP
            EXECUTE 'DROP FUNCTION ' || found || ' CASCADE';
          END LOOP;
        END $$
        """
    )
    op.execute("DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type")
