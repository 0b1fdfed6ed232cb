"""OpenID provider: signing keys, registered applications, requests under way, codes, tokens, consents; how a session was proved."""

from __future__ import annotations

from alembic import op

revision = "0011_openid_provider"
down_revision = "0010_petition_rules"
branch_labels = None
depends_on = None

TABLES = """
-- How the person behind a session proved who he is (RFC 8176 values), for the claims amr and acr.
ALTER TABLE sign_in_session ADD COLUMN methods text[] NOT NULL DEFAULT '{}';

CREATE TABLE signing_key (
  kid text PRIMARY KEY,
  private_cipher bytea NOT NULL,
  public_jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  -- Signs from then on; the newest one has not begun yet, so that applications know it before it signs.
  signs_from timestamptz NOT NULL UNIQUE,
  revoked_at timestamptz
);

CREATE TABLE oauth_client (
  client_id text PRIMARY KEY CHECK (client_id ~ '^[a-z0-9][a-z0-9-]{2,59}$'),
  name text NOT NULL CHECK (length(name) BETWEEN 2 AND 100),
  secret_hash bytea,
  redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
  post_logout_redirect_uris text[] NOT NULL DEFAULT '{}' CHECK (cardinality(post_logout_redirect_uris) <= 10),
  backchannel_logout_uri text NOT NULL DEFAULT '',
  is_own boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  created_by uuid REFERENCES person,
  disabled_at timestamptz
);

-- A request that waits for sign-in or consent: its address would be too long to carry through the sign-in page.
CREATE TABLE oauth_request (
  token_hash bytea PRIMARY KEY,
  parameters jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX oauth_request_expiry ON oauth_request (expires_at);

CREATE TABLE oauth_code (
  code_hash bytea PRIMARY KEY,
  family uuid NOT NULL,
  client_id text NOT NULL REFERENCES oauth_client,
  person_id uuid NOT NULL REFERENCES person,
  session_id uuid NOT NULL REFERENCES sign_in_session ON DELETE CASCADE,
  redirect_uri text NOT NULL,
  scope text NOT NULL,
  nonce text NOT NULL DEFAULT '',
  code_challenge text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX oauth_code_session ON oauth_code (session_id);
CREATE INDEX oauth_code_expiry ON oauth_code (expires_at);

-- Access and refresh tokens; all that come from one code are a family, revoked together when one of them is replayed.
CREATE TABLE oauth_token (
  token_hash bytea PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('access', 'refresh')),
  family uuid NOT NULL,
  client_id text NOT NULL REFERENCES oauth_client,
  person_id uuid NOT NULL REFERENCES person,
  session_id uuid NOT NULL REFERENCES sign_in_session ON DELETE CASCADE,
  scope text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX oauth_token_family ON oauth_token (family);
CREATE INDEX oauth_token_session ON oauth_token (session_id);
CREATE INDEX oauth_token_expiry ON oauth_token (expires_at);

CREATE TABLE oauth_consent (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  client_id text NOT NULL REFERENCES oauth_client,
  scope text NOT NULL,
  granted_at timestamptz NOT NULL,
  withdrawn_at timestamptz
);
CREATE UNIQUE INDEX oauth_consent_held ON oauth_consent (person_id, client_id) WHERE withdrawn_at IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE (revoked_at) ON signing_key TO mattranso_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (name, secret_hash, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, is_own, "
        "disabled_at) ON oauth_client TO mattranso_app"
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON oauth_request TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON oauth_code TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE, UPDATE (used_at, revoked_at) ON oauth_token TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON oauth_consent TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE oauth_consent, oauth_token, oauth_code, oauth_request, oauth_client, signing_key")
    op.execute("ALTER TABLE sign_in_session DROP COLUMN methods")
