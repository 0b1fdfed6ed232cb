"""Second factors: authenticator apps, recovery codes, the half-open sign-in between them; when a session was last proved."""

from __future__ import annotations

from alembic import op

revision = "0012_second_factor"
down_revision = "0011_openid_provider"
branch_labels = None
depends_on = None

TABLES = """
-- When the person behind the session last proved himself with all the account asks for; NULL for older sessions.
ALTER TABLE sign_in_session ADD COLUMN proved_at timestamptz;

CREATE TABLE second_factor (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  kind text NOT NULL CHECK (kind IN ('totp')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  secret_cipher bytea NOT NULL,
  -- The 30-second step of the last code that was taken: it and those before it are refused from then on.
  last_step bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  -- NULL while the QR code is on the screen and no code has shown yet that the app has taken it.
  confirmed_at timestamptz,
  last_used_at timestamptz,
  removed_at timestamptz
);
CREATE INDEX second_factor_held ON second_factor (person_id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX second_factor_pending ON second_factor (person_id) WHERE confirmed_at IS NULL AND removed_at IS NULL;

CREATE TABLE recovery_code (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  code_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX recovery_code_left ON recovery_code (person_id) WHERE used_at IS NULL;

-- The first proof was right, the second is awaited. The token is in that browser's cookie only.
CREATE TABLE sign_in_challenge (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  person_id uuid NOT NULL REFERENCES person,
  kind text NOT NULL CHECK (kind IN ('citizen', 'officer')),
  account_cipher bytea NOT NULL,
  methods text[] NOT NULL,
  attempts smallint NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX sign_in_challenge_expiry ON sign_in_challenge (expires_at);
CREATE INDEX sign_in_challenge_person ON sign_in_challenge (person_id) WHERE used_at IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
    # A proof changes the token (a session fixed before it is worth nothing) and adds to the methods.
    op.execute("GRANT UPDATE (token_hash, methods, proved_at) ON sign_in_session TO mattranso_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (name, last_step, confirmed_at, last_used_at, removed_at) ON second_factor TO mattranso_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE (used_at) ON recovery_code TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE, UPDATE (attempts, used_at) ON sign_in_challenge TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE sign_in_challenge, recovery_code, second_factor")
    op.execute("REVOKE UPDATE (token_hash, methods) ON sign_in_session FROM mattranso_app")
    op.execute("ALTER TABLE sign_in_session DROP COLUMN proved_at")
