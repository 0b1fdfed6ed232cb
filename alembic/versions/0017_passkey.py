"""Passkeys beside the authenticator apps, the challenges they answer; where officers are told what happens to their accounts."""

from __future__ import annotations

from alembic import op

revision = "0017_passkey"
down_revision = "0016_outside_accounts"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE second_factor
  DROP CONSTRAINT second_factor_kind_check,
  ALTER COLUMN secret_cipher DROP NOT NULL,
  ADD COLUMN credential_id bytea UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
  ADD COLUMN public_key bytea,
  ADD COLUMN sign_count bigint NOT NULL DEFAULT 0,
  -- Kept in the cloud of its maker, so that the key is on several devices of the person.
  ADD COLUMN is_synced boolean NOT NULL DEFAULT false,
  -- The counter went back once: a copy may exist. It proves nothing from then on.
  ADD COLUMN suspect_at timestamptz,
  ADD CONSTRAINT second_factor_kind_check CHECK (kind IN ('totp', 'passkey')),
  ADD CONSTRAINT second_factor_totp_check CHECK ((kind = 'totp') = (secret_cipher IS NOT NULL)),
  ADD CONSTRAINT second_factor_passkey_check CHECK ((kind = 'passkey') = (credential_id IS NOT NULL AND public_key IS NOT NULL));

-- What a passkey is to sign, once, for one purpose, in one browser or session (`binding`, a keyed hash).
CREATE TABLE passkey_challenge (
  challenge bytea PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('add', 'sign_in', 'second_step', 'prove', 'invitation')),
  binding bytea NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_binding ON passkey_challenge (binding);
CREATE INDEX passkey_challenge_expiry ON passkey_challenge (expires_at);

-- An officer's own address for notices. It is no way to sign in, so it does not stand where a citizen's contact does.
CREATE TABLE work_contact (
  person_id uuid PRIMARY KEY REFERENCES person,
  channel text NOT NULL CHECK (channel IN ('email', 'sms')),
  contact_cipher bytea NOT NULL,
  contact_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT UPDATE (sign_count, is_synced, suspect_at) ON second_factor TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON passkey_challenge TO mattranso_app")
    op.execute("GRANT SELECT, INSERT ON work_contact TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE passkey_challenge, work_contact")
    op.execute("DELETE FROM second_factor WHERE kind = 'passkey'")
    op.execute(
        "ALTER TABLE second_factor DROP CONSTRAINT second_factor_kind_check, DROP CONSTRAINT second_factor_totp_check, "
        "DROP CONSTRAINT second_factor_passkey_check, DROP COLUMN credential_id, DROP COLUMN public_key, DROP COLUMN sign_count, "
        "DROP COLUMN is_synced, DROP COLUMN suspect_at, ALTER COLUMN secret_cipher SET NOT NULL, "
        "ADD CONSTRAINT second_factor_kind_check CHECK (kind IN ('totp'))"
    )
