"""People, accounts, roles, sessions, one-time codes and the throttle of attempts."""

from __future__ import annotations

from alembic import op

revision = "0008_identity"
down_revision = "0007_units"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE person (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('citizen', 'officer')),
  display_name text NOT NULL DEFAULT '' CHECK (length(display_name) <= 100),
  phone_cipher bytea,
  phone_hash bytea UNIQUE,
  email_cipher bytea,
  email_hash bytea UNIQUE,
  unit_id integer REFERENCES unit,
  organisation text NOT NULL DEFAULT 'mttq' REFERENCES organisation,
  created_at timestamptz NOT NULL,
  disabled_at timestamptz,
  CHECK ((kind = 'officer') = (unit_id IS NOT NULL)),
  CHECK ((phone_cipher IS NULL) = (phone_hash IS NULL)),
  CHECK ((email_cipher IS NULL) = (email_hash IS NULL)),
  CHECK (kind = 'officer' OR phone_hash IS NOT NULL OR email_hash IS NOT NULL)
);
CREATE INDEX person_unit ON person (unit_id) WHERE kind = 'officer';

CREATE TABLE credential (
  person_id uuid PRIMARY KEY REFERENCES person,
  user_name text NOT NULL UNIQUE CHECK (user_name ~ '^[a-z][a-z0-9.-]{2,39}$'),
  password_hash text,
  changed_at timestamptz
);

CREATE TABLE role_grant (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  role text NOT NULL CHECK (role IN ('reader', 'handler', 'approver', 'administrator')),
  organisation text NOT NULL REFERENCES organisation,
  unit_id integer NOT NULL REFERENCES unit,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz CHECK (valid_to >= valid_from),
  granted_by uuid REFERENCES person,
  revoked_by uuid REFERENCES person,
  -- Nobody gives a role to himself, whatever the code above says.
  CHECK (granted_by IS DISTINCT FROM person_id)
);
CREATE UNIQUE INDEX role_grant_once ON role_grant (person_id, role, organisation, unit_id) WHERE valid_to IS NULL;
CREATE INDEX role_grant_unit ON role_grant (unit_id) WHERE valid_to IS NULL;

CREATE TABLE sign_in_session (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  person_id uuid NOT NULL REFERENCES person,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  idle_expires_at timestamptz NOT NULL,
  absolute_expires_at timestamptz NOT NULL,
  address text NOT NULL DEFAULT '',
  agent text NOT NULL DEFAULT '',
  ended_at timestamptz,
  end_reason text
);
CREATE INDEX sign_in_session_age ON sign_in_session (absolute_expires_at);
CREATE INDEX sign_in_session_person ON sign_in_session (person_id, created_at DESC) WHERE ended_at IS NULL;

CREATE TABLE one_time_code (
  id uuid PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('sign_in', 'first_password')),
  contact_cipher bytea,
  person_id uuid REFERENCES person,
  code_hash bytea NOT NULL,
  attempts smallint NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  CHECK ((contact_cipher IS NULL) <> (person_id IS NULL))
);
CREATE INDEX one_time_code_expiry ON one_time_code (expires_at);
CREATE INDEX one_time_code_person ON one_time_code (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE throttle_hit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key bytea NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX throttle_hit_key ON throttle_hit (key, at);
CREATE INDEX throttle_hit_at ON throttle_hit (at);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT ON person, credential, role_grant, sign_in_session TO mattranso_app")
    op.execute("GRANT UPDATE (display_name, unit_id, disabled_at) ON person TO mattranso_app")
    op.execute("GRANT UPDATE (password_hash, changed_at) ON credential TO mattranso_app")
    # Roles are history: they end, they are not rewritten.
    op.execute("GRANT UPDATE (valid_to, revoked_by) ON role_grant TO mattranso_app")
    op.execute("GRANT UPDATE (last_seen_at, idle_expires_at, ended_at, end_reason), DELETE ON sign_in_session TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (attempts, used_at), DELETE ON one_time_code TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON throttle_hit TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE throttle_hit, one_time_code, sign_in_session, role_grant, credential, person")
