"""An erasure takes out what is the person's own: since when a name is borne is kept, and a claimed petition only loses its link."""

from __future__ import annotations

from alembic import op

revision = "0023_erasure_limits"
down_revision = "0022_reporting"
branch_labels = None
depends_on = None

NAMES = """
ALTER TABLE person ADD COLUMN named_at timestamptz;
COMMENT ON COLUMN person.named_at IS 'Since when the name is borne; NULL: since the account was made';
-- Names changed until now: the log says when, not from what.
UPDATE person p SET named_at = a.at FROM (SELECT person_id, max(at) AS at FROM audit_log
  WHERE action IN ('data.name', 'population.look_up') GROUP BY person_id) a WHERE a.person_id = p.id;
"""

OWN = """
-- Whether who has a petition on his list sent it himself: one that was claimed by its receipt may be somebody else's words.
CREATE FUNCTION petition_is_own(subject bigint, sender uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS
  $$ SELECT EXISTS (SELECT FROM petition_event e WHERE e.petition_id = subject AND e.action = 'submit' AND e.person_id = sender) $$;

-- A claimed petition leaves the list of who is being forgotten; nothing in it changes.
CREATE FUNCTION petition_unclaim(subject bigint, sender uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE petition SET sender_id = NULL WHERE id = subject AND sender_id = sender AND NOT petition_is_own(subject, sender);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'petition % was not claimed by that person', subject USING ERRCODE = 'MP004';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION petition_forget(subject bigint, sender uuid, texts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE petition p SET sender_id = NULL, contact_hint = '', forgotten_at = now(), title = texts->>'title', body = texts->>'body',
    place = texts->>'place', public_title = texts->>'public_title', public_body = texts->>'public_body',
    public_place = texts->>'public_place', withheld_reason = texts->>'withheld_reason'
    WHERE id = subject AND sender_id = sender AND answered_at IS NOT NULL AND petition_is_own(p.id, sender);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'petition % is not a closed one of that sender', subject USING ERRCODE = 'MP004';
  END IF;
  DELETE FROM petition_contact WHERE petition_id = subject;
  UPDATE petition_event SET person_id = NULL WHERE petition_id = subject AND action = 'submit';
  UPDATE stored_file f SET uploaded_by = NULL FROM petition p WHERE p.id = subject AND f.owner_kind = 'petition'
    AND f.owner_ref = p.number || '/photo' AND f.uploaded_by = sender;
END $$;

CREATE OR REPLACE FUNCTION petition_withdraw_contact(wanted text, sender uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject bigint;
BEGIN
  SELECT id INTO subject FROM petition p WHERE number = wanted AND sender_id = sender AND petition_is_own(p.id, sender) FOR UPDATE;
  DELETE FROM petition_contact WHERE petition_id = subject;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE petition SET contact_hint = '' WHERE id = subject;
  RETURN true;
END $$;

-- The person is locked first: nothing joins the list of somebody who is being erased.
CREATE OR REPLACE FUNCTION petition_claim(wanted text, receipts bytea[], claimant uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject record;
  is_erased boolean;
BEGIN
  SELECT erased_at IS NOT NULL INTO is_erased FROM person WHERE id = claimant FOR KEY SHARE;
  IF is_erased THEN
    RETURN 'unknown';
  END IF;
  SELECT p.id, p.sender_id INTO subject FROM petition p WHERE p.receipt_hash = ANY(receipts) AND p.number = wanted FOR UPDATE;
  IF NOT FOUND OR claimant IS NULL THEN
    RETURN 'unknown';
  ELSIF subject.sender_id IS NOT NULL THEN
    RETURN CASE WHEN subject.sender_id = claimant THEN 'own' ELSE 'taken' END;
  END IF;
  UPDATE petition SET sender_id = claimant WHERE id = subject.id;
  RETURN 'claimed';
END $$;
"""

EARLIER = """
CREATE OR REPLACE FUNCTION petition_forget(subject bigint, sender uuid, texts jsonb) RETURNS void
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

CREATE OR REPLACE FUNCTION petition_withdraw_contact(wanted text, sender uuid) RETURNS boolean
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

CREATE OR REPLACE FUNCTION petition_claim(wanted text, receipts bytea[], claimant uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject record;
BEGIN
  SELECT p.id, p.sender_id INTO subject FROM petition p WHERE p.receipt_hash = ANY(receipts) AND p.number = wanted FOR UPDATE;
  IF NOT FOUND OR claimant IS NULL THEN
    RETURN 'unknown';
  ELSIF subject.sender_id IS NOT NULL THEN
    RETURN CASE WHEN subject.sender_id = claimant THEN 'own' ELSE 'taken' END;
  END IF;
  UPDATE petition SET sender_id = claimant WHERE id = subject.id;
  RETURN 'claimed';
END $$;

DROP FUNCTION petition_unclaim(bigint, uuid);
DROP FUNCTION petition_is_own(bigint, uuid);
ALTER TABLE person DROP COLUMN named_at;
"""


def upgrade() -> None:
    op.execute(NAMES)
    op.execute(OWN)
    op.execute("GRANT UPDATE (named_at) ON person TO mattranso_app")
    op.execute("REVOKE EXECUTE ON FUNCTION petition_unclaim(bigint, uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION petition_unclaim(bigint, uuid) TO mattranso_app")


def downgrade() -> None:
    op.execute(EARLIER)
