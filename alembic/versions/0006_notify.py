"""Notices: the outbox for e-mail and text messages."""

from __future__ import annotations

from alembic import op

revision = "0006_notify"
down_revision = "0005_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notice (
          id uuid PRIMARY KEY,
          channel text NOT NULL CHECK (channel IN ('email', 'sms')),
          recipient bytea,
          content bytea,
          template text NOT NULL DEFAULT '',
          state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
          attempts integer NOT NULL DEFAULT 0,
          dedupe_key text UNIQUE CHECK (length(dedupe_key) BETWEEN 1 AND 200),
          last_fault text NOT NULL DEFAULT '',
          next_try_at timestamptz NOT NULL,
          claimed_at timestamptz,
          expires_at timestamptz,
          created_at timestamptz NOT NULL DEFAULT now(),
          finished_at timestamptz,
          CHECK ((state IN ('sent', 'failed')) = (finished_at IS NOT NULL)),
          CHECK ((state = 'sending') = (claimed_at IS NOT NULL)),
          CHECK (state IN ('sent', 'failed') OR (recipient IS NOT NULL AND content IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX notice_waiting ON notice (next_try_at) WHERE state IN ('queued', 'sending')")
    op.execute("CREATE INDEX notice_finished ON notice (finished_at) WHERE finished_at IS NOT NULL")
    op.execute("CREATE INDEX notice_created ON notice (created_at DESC, id)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON notice TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE notice")
