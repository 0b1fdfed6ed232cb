"""Search changes: what the followers of each host read to keep their index current."""

from __future__ import annotations

from alembic import op

revision = "0003_search"
down_revision = "0002_live"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE search_change (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
          source text NOT NULL CHECK (length(source) BETWEEN 1 AND 60),
          ref text NOT NULL CHECK (length(ref) <= 200),
          created_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute("COMMENT ON COLUMN search_change.ref IS 'the document that changed; empty asks for a rebuild of the source'")
    # Followers walk one source in this order; pruning goes by age.
    op.execute("CREATE INDEX search_change_order ON search_change (source, xact, id)")
    op.execute("CREATE INDEX search_change_created ON search_change (created_at)")
    op.execute(
        """
        CREATE TABLE search_horizon (
          only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
          pruned xid8 NOT NULL DEFAULT '0'
        )
        """
    )
    op.execute("COMMENT ON COLUMN search_horizon.pruned IS 'newest transaction whose changes were pruned'")
    op.execute("INSERT INTO search_horizon DEFAULT VALUES")
    op.execute("GRANT SELECT, INSERT, DELETE ON search_change TO mattranso_app")
    op.execute("GRANT SELECT, UPDATE ON search_horizon TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE search_change")
    op.execute("DROP TABLE search_horizon")
