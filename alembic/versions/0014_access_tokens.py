"""Personal access tokens: keys people hand to programs of their own; kept as hashes, for a year at most."""

from __future__ import annotations

from alembic import op

revision = "0014_access_tokens"
down_revision = "0013_applications"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE access_token (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  token_hash bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
  -- How the session it was made in was proved: whose rights need a second factor has none by a token made without one.
  methods text[] NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > created_at AND expires_at <= created_at + interval '366 days'),
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX access_token_held ON access_token (person_id) WHERE revoked_at IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE (name, last_used_at, revoked_at) ON access_token TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE access_token")
