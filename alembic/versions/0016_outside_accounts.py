"""Sign-in with outside accounts: links, first sign-ins that wait, where sessions come from; look-ups in the population register."""

from __future__ import annotations

from alembic import op

revision = "0016_outside_accounts"
down_revision = "0015_petition_claim"
branch_labels = None
depends_on = None

TABLES = """
-- The outside provider that vouched for a citizen of whom no telephone and no e-mail is known.
ALTER TABLE person ADD COLUMN came_from text;
ALTER TABLE person DROP CONSTRAINT person_check3;
ALTER TABLE person ADD CONSTRAINT person_known CHECK (
  kind = 'officer' OR phone_hash IS NOT NULL OR email_hash IS NOT NULL OR came_from IS NOT NULL
);

-- Subject and identity number are kept as keyed hashes to find by; the number also sealed, to show to its owner. Rows stay.
CREATE TABLE outside_link (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  provider text NOT NULL,
  issuer text NOT NULL,
  subject_hash bytea NOT NULL,
  number_hash bytea,
  number_cipher bytea,
  level smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  removed_at timestamptz,
  CHECK ((number_hash IS NULL) = (number_cipher IS NULL)),
  CHECK (removed_at IS NULL OR number_hash IS NULL)
);
CREATE UNIQUE INDEX outside_link_subject ON outside_link (issuer, subject_hash) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX outside_link_number ON outside_link (issuer, number_hash) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX outside_link_person ON outside_link (person_id, provider) WHERE removed_at IS NULL;

-- Somebody the provider vouched for who has no link yet: he decides in his browser, which holds the token.
CREATE TABLE outside_pending (
  token_hash bytea PRIMARY KEY,
  provider text NOT NULL,
  person_cipher bytea NOT NULL,
  following text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX outside_pending_expiry ON outside_pending (expires_at);

-- What is good for once and was used: states of requests, names of logout tokens.
CREATE TABLE outside_seen (
  token_hash bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX outside_seen_expiry ON outside_seen (expires_at);

-- Which outside session a session comes from, for the provider's news that it has ended.
CREATE TABLE outside_session (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id uuid UNIQUE REFERENCES sign_in_session ON DELETE CASCADE,
  challenge_id uuid UNIQUE REFERENCES sign_in_challenge ON DELETE SET NULL,
  provider text NOT NULL,
  subject_hash bytea NOT NULL,
  sid_hash bytea,
  created_at timestamptz NOT NULL
);
CREATE INDEX outside_session_subject ON outside_session (provider, subject_hash);
CREATE INDEX outside_session_sid ON outside_session (provider, sid_hash) WHERE sid_hash IS NOT NULL;

-- Every question to the population register: who asked about whom, why, with which consent, what came of it. Rows stay.
CREATE TABLE population_lookup (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  asked_by uuid NOT NULL REFERENCES person,
  purpose text NOT NULL,
  consent text NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('confirmed', 'differs', 'unavailable')),
  matched text[] NOT NULL DEFAULT '{}',
  reference text NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
  -- Of the name that was confirmed, so that another name is not taken for it.
  name_hash bytea,
  CHECK ((outcome = 'confirmed') = (name_hash IS NOT NULL))
);
CREATE INDEX population_lookup_person ON population_lookup (person_id, at DESC);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (subject_hash, number_hash, number_cipher, level, last_used_at, removed_at) "
        "ON outside_link TO mattranso_app"
    )
    op.execute("GRANT SELECT, INSERT, DELETE, UPDATE (expires_at) ON outside_pending TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON outside_seen TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, DELETE, UPDATE (session_id) ON outside_session TO mattranso_app")
    op.execute("GRANT SELECT, INSERT ON population_lookup TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE population_lookup, outside_session, outside_seen, outside_pending, outside_link")
    op.execute("ALTER TABLE person DROP CONSTRAINT person_known")
    op.execute(
        "ALTER TABLE person ADD CONSTRAINT person_check3 "
        "CHECK (kind = 'officer' OR phone_hash IS NOT NULL OR email_hash IS NOT NULL) NOT VALID"
    )
    op.execute("ALTER TABLE person DROP COLUMN came_from")
