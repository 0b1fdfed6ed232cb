"""Invitations of officers: who is asked to make an account, by whom, with which roles, until when."""

from __future__ import annotations

from alembic import op

revision = "0019_invitation"
down_revision = "0018_personal_data"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE invitation (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Of the link that was sent last; earlier ones are void.
  token_hash bytea NOT NULL UNIQUE,
  -- The person's id to be, so that a passkey made on the invitation's page knows whose it is.
  person_id uuid NOT NULL UNIQUE,
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 2 AND 100),
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  -- Forgotten once the invitation is used or withdrawn.
  contact_cipher bytea,
  contact_hash bytea NOT NULL,
  unit_id integer NOT NULL REFERENCES unit,
  organisation text NOT NULL REFERENCES organisation,
  roles text[] NOT NULL CHECK (cardinality(roles) BETWEEN 1 AND 4 AND roles <@ ARRAY['reader', 'handler', 'approver', 'administrator']),
  days smallint NOT NULL CHECK (days BETWEEN 1 AND 7),
  invited_by uuid REFERENCES person,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  withdrawn_at timestamptz,
  withdrawn_by uuid REFERENCES person,
  CHECK (used_at IS NULL OR withdrawn_at IS NULL),
  CHECK (invited_by IS DISTINCT FROM person_id),
  CHECK ((contact_cipher IS NOT NULL) = (used_at IS NULL AND withdrawn_at IS NULL))
);
CREATE INDEX invitation_open ON invitation (organisation, id) WHERE used_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX invitation_contact ON invitation (contact_hash) WHERE used_at IS NULL AND withdrawn_at IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("GRANT SELECT, INSERT, DELETE ON invitation TO mattranso_app")
    op.execute(
        "GRANT UPDATE (token_hash, contact_cipher, invited_by, expires_at, used_at, withdrawn_at, withdrawn_by) "
        "ON invitation TO mattranso_app"
    )


def downgrade() -> None:
    op.execute("DROP TABLE invitation")
