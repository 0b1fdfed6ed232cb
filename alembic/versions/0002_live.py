"""Live changes: what hubs read to keep open pages current."""

from __future__ import annotations

from alembic import op

revision = "0002_live"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE live_change (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
          topic text NOT NULL CHECK (length(topic) BETWEEN 1 AND 200),
          change jsonb NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    # Hubs ask "which of these few transactions, or of those from here on".
    op.execute("CREATE INDEX live_change_xact ON live_change (xact)")
    op.execute("CREATE INDEX live_change_created ON live_change (created_at)")
    # Rows live for an hour; the table stays small if their space is taken back soon.
    op.execute("ALTER TABLE live_change SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1)")
    op.execute("GRANT SELECT, INSERT, DELETE ON live_change TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE live_change")
