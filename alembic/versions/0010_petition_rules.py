"""Petitions: what direct SQL of the application's role could still do past the events, and merges that were recorded."""

from __future__ import annotations

from alembic import op

revision = "0010_petition_rules"
down_revision = "0009_petitions"
branch_labels = None
depends_on = None

BIRTH = """
-- A petition is born without a state, an answer or a publication of its own; its events give it them.
CREATE OR REPLACE FUNCTION petition_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'new' OR NEW.version <> 0 OR NEW.publication <> 'pending' OR NEW.withheld_reason <> ''
    OR num_nonnulls(NEW.taken_at, NEW.taken_by, NEW.published_at, NEW.outcome, NEW.answered_at) > 0 THEN
    RAISE EXCEPTION 'a petition gets its state from its events' USING ERRCODE = 'MP004';
  END IF;
  RETURN NEW;
END $$;
ALTER TABLE petition_event ADD CONSTRAINT petition_event_person CHECK (action = 'submit' OR person_id IS NOT NULL);
"""

PUBLIC_COPY = """
-- What everyone reads changes by publishing it anew only. Looked at when the transaction ends: the copy is written first.
CREATE FUNCTION petition_public_copy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM petition p WHERE p.id = NEW.id AND p.publication = 'published') AND NOT EXISTS (
    SELECT FROM petition_event e WHERE e.petition_id = NEW.id AND e.seq > NEW.version AND e.action = 'publish_question') THEN
    RAISE EXCEPTION 'the public copy of petition % changes by publishing it only', NEW.number USING ERRCODE = 'MP005';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER petition_public_copy_guard AFTER UPDATE OF public_title, public_body, public_place ON petition
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION petition_public_copy_guard();
"""

ANSWERS = """
-- An answer is handed in undecided, one at a time, and each that was handed in or decided on has its event.
CREATE UNIQUE INDEX petition_answer_waiting ON petition_answer (petition_id) WHERE decision IS NULL;
CREATE FUNCTION petition_answer_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.decision IS NOT NULL THEN
    RAISE EXCEPTION 'an answer of petition % is handed in undecided', NEW.petition_id USING ERRCODE = 'MP003';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER petition_answer_birth BEFORE INSERT ON petition_answer FOR EACH ROW EXECUTE FUNCTION petition_answer_birth();

CREATE FUNCTION petition_answer_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  answers record;
  events record;
BEGIN
  SELECT count(*) AS handed_in, count(*) FILTER (WHERE decision = 'returned') AS returned,
    count(*) FILTER (WHERE decision = 'approved') AS approved INTO answers
    FROM petition_answer WHERE petition_id = NEW.petition_id;
  SELECT count(*) FILTER (WHERE action = 'submit_answer') AS handed_in, count(*) FILTER (WHERE action = 'return_answer') AS returned,
    count(*) FILTER (WHERE action = 'approve_answer') AS approved INTO events
    FROM petition_event WHERE petition_id = NEW.petition_id;
  IF answers IS DISTINCT FROM events THEN
    RAISE EXCEPTION 'the answers of petition % do not agree with its events', NEW.petition_id USING ERRCODE = 'MP003';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER petition_answer_agrees AFTER INSERT OR UPDATE ON petition_answer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION petition_answer_agrees();
"""

MERGES = """
-- The application may call this, so it believes the recorded successions and not its caller.
ALTER FUNCTION petition_follow_merges(integer[], integer[]) RENAME TO petition_move_all;
REVOKE EXECUTE ON FUNCTION petition_move_all(integer[], integer[]) FROM PUBLIC;
CREATE FUNCTION petition_follow_merges(gone integer[], heirs integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(gone, heirs) AS m(gone, heir) WHERE NOT EXISTS (
    SELECT FROM unit_succession s JOIN unit u ON u.id = s.from_id
    WHERE s.from_id = m.gone AND s.to_id = m.heir AND u.valid_to IS NOT NULL)) THEN
    RAISE EXCEPTION 'petitions follow recorded successions only' USING ERRCODE = 'MP006';
  END IF;
  PERFORM petition_move_all(gone, heirs);
END $$;
"""


def upgrade() -> None:
    for statements in (BIRTH, PUBLIC_COPY, ANSWERS, MERGES):
        op.execute(statements)


def downgrade() -> None:
    op.execute("DROP FUNCTION petition_follow_merges(integer[], integer[])")
    op.execute("ALTER FUNCTION petition_move_all(integer[], integer[]) RENAME TO petition_follow_merges")
    op.execute("GRANT EXECUTE ON FUNCTION petition_follow_merges(integer[], integer[]) TO PUBLIC")
    op.execute("DROP TRIGGER petition_answer_agrees ON petition_answer")
    op.execute("DROP TRIGGER petition_answer_birth ON petition_answer")
    op.execute("DROP FUNCTION petition_answer_agrees(), petition_answer_birth()")
    op.execute("DROP INDEX petition_answer_waiting")
    op.execute("DROP TRIGGER petition_public_copy_guard ON petition")
    op.execute("DROP FUNCTION petition_public_copy_guard()")
    op.execute("ALTER TABLE petition_event DROP CONSTRAINT petition_event_person")
    op.execute(
        """
        CREATE OR REPLACE FUNCTION petition_birth() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.state <> 'new' OR NEW.version <> 0 THEN
            RAISE EXCEPTION 'a petition gets its state from its events' USING ERRCODE = 'MP004';
          END IF;
          RETURN NEW;
        END $$
        """
    )
