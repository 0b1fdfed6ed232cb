"""People's own data: archives to take away, requests with their legal clock, contacts changed by proof, accounts erased."""

from __future__ import annotations

from alembic import op

revision = "0018_personal_data"
down_revision = "0017_passkey"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE person ADD COLUMN erased_at timestamptz;

ALTER TABLE one_time_code DROP CONSTRAINT one_time_code_purpose_check, DROP CONSTRAINT one_time_code_check,
  ADD CONSTRAINT one_time_code_purpose_check CHECK (purpose IN ('sign_in', 'first_password', 'contact')),
  ADD CONSTRAINT one_time_code_check CHECK (CASE WHEN purpose = 'contact' THEN num_nulls(contact_cipher, person_id) = 0
    ELSE num_nulls(contact_cipher, person_id) = 1 END);

CREATE TABLE data_export (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  asked_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'ready', 'failed', 'gone')),
  file_id uuid REFERENCES stored_file ON DELETE SET NULL,
  size bigint,
  expires_at timestamptz NOT NULL,
  fetched_at timestamptz,
  CHECK (state <> 'ready' OR size IS NOT NULL)
);
CREATE INDEX data_export_person ON data_export (person_id, asked_at DESC);
CREATE INDEX data_export_expiry ON data_export (expires_at) WHERE state <> 'gone';
CREATE UNIQUE INDEX data_export_waiting ON data_export (person_id) WHERE state = 'waiting';

-- What the law gives a person a right to and an office a deadline for. `basis` and `due_at` are as they were when it was asked.
CREATE TABLE data_request (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  kind text NOT NULL CHECK (kind IN ('erase')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused', 'cancelled')),
  asked_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  basis text NOT NULL CHECK (basis <> ''),
  decided_at timestamptz,
  decided_by uuid REFERENCES person,
  reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
  CHECK ((state = 'open') = (decided_at IS NULL)),
  CHECK (state <> 'refused' OR reason <> '')
);
CREATE UNIQUE INDEX data_request_open ON data_request (person_id, kind) WHERE state = 'open';
CREATE INDEX data_request_due ON data_request (due_at, id) WHERE state = 'open';
CREATE INDEX data_request_person ON data_request (person_id, id DESC);
"""

FORGET = """
ALTER TABLE petition ADD COLUMN forgotten_at timestamptz;
COMMENT ON COLUMN petition.forgotten_at IS 'When its sender was forgotten: an account''s erasure took the sender out of it';

-- While a sender is being forgotten (in this very transaction) words may go from what is otherwise append-only; nothing else.
CREATE FUNCTION petition_is_being_forgotten(subject bigint) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS
  $$ SELECT EXISTS (SELECT FROM petition p WHERE p.id = subject AND p.forgotten_at = now()) $$;

DROP TRIGGER petition_event_append_only ON petition_event;
CREATE TRIGGER petition_event_append_only BEFORE DELETE OR TRUNCATE ON petition_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION petition_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT petition_is_being_forgotten(OLD.petition_id)
    OR (NEW.petition_id, NEW.seq, NEW.action, NEW.from_state, NEW.to_state, NEW.at, NEW.actor_kind, NEW.unit_id)
      IS DISTINCT FROM (OLD.petition_id, OLD.seq, OLD.action, OLD.from_state, OLD.to_state, OLD.at, OLD.actor_kind, OLD.unit_id)
    OR (OLD.action <> 'submit' AND NEW.person_id IS DISTINCT FROM OLD.person_id) THEN
    RAISE EXCEPTION 'petition_event is append-only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER petition_event_change BEFORE UPDATE ON petition_event FOR EACH ROW EXECUTE FUNCTION petition_event_change();

CREATE OR REPLACE FUNCTION petition_answer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF petition_is_being_forgotten(OLD.petition_id)
    AND (NEW.petition_id, NEW.ordinal, NEW.outcome, NEW.files, NEW.author_id, NEW.author_name, NEW.created_at, NEW.decision, NEW.decided_by)
      IS NOT DISTINCT FROM
      (OLD.petition_id, OLD.ordinal, OLD.outcome, OLD.files, OLD.author_id, OLD.author_name, OLD.created_at, OLD.decision, OLD.decided_by)
  THEN
    RETURN NEW;
  END IF;
  IF OLD.decision IS NOT NULL OR (NEW.petition_id, NEW.ordinal, NEW.outcome, NEW.body, NEW.public_body, NEW.files, NEW.author_id, NEW.created_at)
    IS DISTINCT FROM (OLD.petition_id, OLD.ordinal, OLD.outcome, OLD.body, OLD.public_body, OLD.files, OLD.author_id, OLD.created_at) THEN
    RAISE EXCEPTION 'answer % of petition % cannot be changed', OLD.ordinal, OLD.petition_id USING ERRCODE = 'MP003';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION petition_public_copy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.forgotten_at IS DISTINCT FROM OLD.forgotten_at THEN  -- only petition_forget can write that column
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT FROM petition p WHERE p.id = NEW.id AND p.publication = 'published') AND NOT EXISTS (
    SELECT FROM petition_event e WHERE e.petition_id = NEW.id AND e.seq > NEW.version AND e.action = 'publish_question') THEN
    RAISE EXCEPTION 'the public copy of petition % changes by publishing it only', NEW.number USING ERRCODE = 'MP005';
  END IF;
  RETURN NULL;
END $$;

-- Take the sender out of one closed petition of his: the texts as given, no contact, no link.
CREATE FUNCTION petition_forget(subject bigint, sender uuid, texts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE petition SET sender_id = NULL, contact_hint = '', forgotten_at = now(), title = texts->>'title', body = texts->>'body',
    place = texts->>'place', public_title = texts->>'public_title', public_body = texts->>'public_body',
    public_place = texts->>'public_place', withheld_reason = texts->>'withheld_reason'
    WHERE id = subject AND sender_id = sender AND answered_at IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'petition % is not a closed one of that sender', subject USING ERRCODE = 'MP004';
  END IF;
  DELETE FROM petition_contact WHERE petition_id = subject;
  UPDATE petition_event SET person_id = NULL WHERE petition_id = subject AND action = 'submit';
  UPDATE stored_file f SET uploaded_by = NULL FROM petition p WHERE p.id = subject AND f.owner_kind = 'petition'
    AND f.owner_ref = p.number || '/photo' AND f.uploaded_by = sender;
END $$;

-- In the same transaction: take words out of what officers wrote in one of its steps or answers.
CREATE FUNCTION petition_forget_words(subject bigint, place text, ordinal_ integer, texts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT petition_is_being_forgotten(subject) THEN
    RAISE EXCEPTION 'nobody is being forgotten in petition %', subject USING ERRCODE = 'MP004';
  ELSIF place = 'event' THEN
    UPDATE petition_event SET public_note = texts->>'public_note', internal_note = texts->>'internal_note'
      WHERE petition_id = subject AND seq = ordinal_;
  ELSE
    UPDATE petition_answer SET body = texts->>'body', public_body = texts->>'public_body', reason = texts->>'reason'
      WHERE petition_id = subject AND ordinal = ordinal_;
  END IF;
END $$;

-- The sender of one petition takes back that he may be reached about it.
CREATE FUNCTION petition_withdraw_contact(wanted text, sender uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject bigint;
BEGIN
  SELECT id INTO subject FROM petition WHERE number = wanted AND sender_id = sender FOR UPDATE;
  DELETE FROM petition_contact WHERE petition_id = subject;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE petition SET contact_hint = '' WHERE id = subject;
  RETURN true;
END $$;
"""

FUNCTIONS = (
    "petition_forget(bigint, uuid, jsonb)", "petition_forget_words(bigint, text, integer, jsonb)", "petition_withdraw_contact(text, uuid)",
)

EARLIER = """
DROP TRIGGER petition_event_change ON petition_event;
DROP TRIGGER petition_event_append_only ON petition_event;
CREATE TRIGGER petition_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON petition_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE FUNCTION petition_answer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.decision IS NOT NULL OR (NEW.petition_id, NEW.ordinal, NEW.outcome, NEW.body, NEW.public_body, NEW.files, NEW.author_id, NEW.created_at)
    IS DISTINCT FROM (OLD.petition_id, OLD.ordinal, OLD.outcome, OLD.body, OLD.public_body, OLD.files, OLD.author_id, OLD.created_at) THEN
    RAISE EXCEPTION 'answer % of petition % cannot be changed', OLD.ordinal, OLD.petition_id USING ERRCODE = 'MP003';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION petition_public_copy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM petition p WHERE p.id = NEW.id AND p.publication = 'published') AND NOT EXISTS (
    SELECT FROM petition_event e WHERE e.petition_id = NEW.id AND e.seq > NEW.version AND e.action = 'publish_question') THEN
    RAISE EXCEPTION 'the public copy of petition % changes by publishing it only', NEW.number USING ERRCODE = 'MP005';
  END IF;
  RETURN NULL;
END $$;
DROP FUNCTION petition_event_change();
DROP FUNCTION petition_is_being_forgotten(bigint);
ALTER TABLE petition DROP COLUMN forgotten_at;
DELETE FROM one_time_code WHERE purpose = 'contact';
ALTER TABLE one_time_code DROP CONSTRAINT one_time_code_purpose_check, DROP CONSTRAINT one_time_code_check,
  ADD CONSTRAINT one_time_code_purpose_check CHECK (purpose IN ('sign_in', 'first_password')),
  ADD CONSTRAINT one_time_code_check CHECK ((contact_cipher IS NULL) <> (person_id IS NULL));
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FORGET)
    for function in FUNCTIONS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO mattranso_app")
    op.execute("GRANT UPDATE (phone_cipher, phone_hash, email_cipher, email_hash, erased_at) ON person TO mattranso_app")
    op.execute("GRANT UPDATE (address, agent) ON sign_in_session TO mattranso_app")
    op.execute("GRANT UPDATE (name_hash) ON population_lookup TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (state, file_id, size, fetched_at) ON data_export TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (state, decided_at, decided_by, reason) ON data_request TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE data_request, data_export")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(EARLIER)
    op.execute("REVOKE UPDATE (phone_cipher, phone_hash, email_cipher, email_hash) ON person FROM mattranso_app")
    op.execute("REVOKE UPDATE (address, agent) ON sign_in_session FROM mattranso_app")
    op.execute("REVOKE UPDATE (name_hash) ON population_lookup FROM mattranso_app")
    op.execute("ALTER TABLE person DROP COLUMN erased_at")
