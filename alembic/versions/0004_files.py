"""Files people send: one row per file; the bytes lie outside, named by their SHA-256."""

from __future__ import annotations

from alembic import op

revision = "0004_files"
down_revision = "0003_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE stored_file (
          id uuid PRIMARY KEY,
          ordinal bigint GENERATED ALWAYS AS IDENTITY,
          sha256 bytea NOT NULL CHECK (length(sha256) = 32),
          size bigint NOT NULL CHECK (size > 0),
          media_type text NOT NULL,
          name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
          width integer CHECK (width > 0),
          height integer CHECK (height > 0),
          thumbnail_sha256 bytea CHECK (length(thumbnail_sha256) = 32),
          thumbnail_size bigint CHECK (thumbnail_size > 0),
          owner_kind text NOT NULL CHECK (length(owner_kind) BETWEEN 1 AND 60),
          owner_ref text NOT NULL CHECK (length(owner_ref) BETWEEN 1 AND 200),
          visibility text NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'public')),
          uploaded_by uuid,
          created_at timestamptz NOT NULL DEFAULT now(),
          CHECK ((thumbnail_sha256 IS NULL) = (thumbnail_size IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX stored_file_owner ON stored_file (owner_kind, owner_ref, ordinal)")
    # The sweep of bytes without a row asks by content.
    op.execute("CREATE INDEX stored_file_sha256 ON stored_file (sha256)")
    op.execute("CREATE INDEX stored_file_thumbnail ON stored_file (thumbnail_sha256) WHERE thumbnail_sha256 IS NOT NULL")
    op.execute("GRANT SELECT, INSERT, DELETE ON stored_file TO mattranso_app")
    op.execute("GRANT UPDATE (visibility, owner_ref) ON stored_file TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE stored_file")
