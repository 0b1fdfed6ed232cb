"""Petitions: the rows, their life as events, and the rules of that life kept by the database itself."""

from __future__ import annotations

from alembic import op

revision = "0009_petitions"
down_revision = "0008_identity"
branch_labels = None
depends_on = None

TABLES = """
-- A unit that moves to another province takes its petitions along: rights go by the path.
ALTER TABLE unit ADD CONSTRAINT unit_id_path UNIQUE (id, path);

CREATE TABLE deadline_rule (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  step text NOT NULL CHECK (step IN ('answer', 'forward')),
  working_days smallint NOT NULL CHECK (working_days BETWEEN 1 AND 365),
  basis text NOT NULL CHECK (basis <> ''),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to > valid_from),
  UNIQUE (kind, step, valid_from)
);

CREATE TABLE petition_transition (
  from_state text NOT NULL,
  action text NOT NULL,
  to_state text NOT NULL,
  needs_reason boolean NOT NULL DEFAULT false,
  PRIMARY KEY (from_state, action)
);

CREATE TABLE petition (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE CHECK (number ~ '^PA-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$'),
  client_key_hash bytea NOT NULL UNIQUE,
  body_digest bytea NOT NULL,
  receipt_hash bytea NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('phan_anh', 'kien_nghi', 'cau_hoi')),
  title text NOT NULL,
  body text NOT NULL,
  place text NOT NULL DEFAULT '',
  unit_id integer NOT NULL,
  unit_path text NOT NULL,
  province_path text NOT NULL GENERATED ALWAYS AS
    (CASE WHEN unit_path = 'vn/' THEN 'vn/' ELSE 'vn/' || split_part(unit_path, '/', 2) || '/' END) STORED,
  organisation text NOT NULL DEFAULT 'mttq' REFERENCES organisation,
  channel text NOT NULL CHECK (channel IN ('web', 'lite', 'offline', 'demo')),
  is_sample boolean NOT NULL DEFAULT false,
  sender_id uuid,
  contact_hint text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'received', 'in_progress', 'awaiting_approval', 'answered')),
  version integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  deadline_rule_id integer NOT NULL REFERENCES deadline_rule,
  taken_at timestamptz,
  taken_by uuid,
  publication text NOT NULL DEFAULT 'pending' CHECK (publication IN ('pending', 'published', 'withheld')),
  published_at timestamptz,
  withheld_reason text NOT NULL DEFAULT '',
  public_title text NOT NULL DEFAULT '',
  public_body text NOT NULL DEFAULT '',
  public_place text NOT NULL DEFAULT '',
  outcome text CHECK (outcome IN ('solved', 'partly', 'explained', 'refused')),
  answered_at timestamptz,
  FOREIGN KEY (unit_id, unit_path) REFERENCES unit (id, path) ON UPDATE CASCADE,
  CONSTRAINT petition_answered CHECK ((state = 'answered') = (answered_at IS NOT NULL) AND (state <> 'answered' OR outcome IS NOT NULL)),
  CONSTRAINT petition_publication CHECK ((publication = 'published') = (published_at IS NOT NULL)
    AND (publication <> 'published' OR (public_title <> '' AND public_body <> ''))
    AND (publication <> 'withheld' OR withheld_reason <> '')
    AND (publication <> 'pending' OR state NOT IN ('awaiting_approval', 'answered')))
);
COMMENT ON COLUMN petition.version IS 'Number of its last event; officers name it with what they do, so that nobody overwrites what he has not seen';

CREATE TABLE petition_contact (
  petition_id bigint PRIMARY KEY REFERENCES petition,
  sealed bytea NOT NULL,
  consented_at timestamptz NOT NULL
);

CREATE TABLE petition_event (
  petition_id bigint NOT NULL REFERENCES petition,
  seq integer NOT NULL,
  action text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  person_id uuid,
  unit_id integer REFERENCES unit,
  public_note text NOT NULL DEFAULT '',
  internal_note text NOT NULL DEFAULT '',
  PRIMARY KEY (petition_id, seq)
);

CREATE TABLE petition_answer (
  petition_id bigint NOT NULL REFERENCES petition,
  ordinal smallint NOT NULL CHECK (ordinal > 0),
  outcome text NOT NULL CHECK (outcome IN ('solved', 'partly', 'explained', 'refused')),
  body text NOT NULL CHECK (body <> ''),
  public_body text NOT NULL CHECK (public_body <> ''),
  author_id uuid NOT NULL,
  author_name text NOT NULL,
  files uuid[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('approved', 'returned')),
  decided_by uuid,
  decided_at timestamptz,
  reason text NOT NULL DEFAULT '',
  PRIMARY KEY (petition_id, ordinal),
  CONSTRAINT petition_answer_decided CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
  CONSTRAINT petition_answer_four_eyes CHECK (decision IS DISTINCT FROM 'approved' OR decided_by <> author_id)
);

CREATE TABLE petition_draft (
  petition_id bigint NOT NULL REFERENCES petition,
  person_id uuid NOT NULL,
  outcome text NOT NULL DEFAULT '',
  body text NOT NULL,
  public_body text NOT NULL DEFAULT '',
  base_version integer NOT NULL,
  saved_at timestamptz NOT NULL,
  PRIMARY KEY (petition_id, person_id)
);

-- Counts for everyone: one row per unit and day, one per unit, and the country's day spread over 16 rows, so that no two
-- communes wait for each other.
CREATE TABLE petition_stat (
  unit_id integer NOT NULL REFERENCES unit,
  day date NOT NULL,
  received integer NOT NULL DEFAULT 0,
  answered integer NOT NULL DEFAULT 0,
  answered_on_time integer NOT NULL DEFAULT 0,
  PRIMARY KEY (unit_id, day)
) WITH (fillfactor = 70);
CREATE TABLE petition_open (
  unit_id integer PRIMARY KEY REFERENCES unit,
  open integer NOT NULL CHECK (open >= 0)
) WITH (fillfactor = 50);
CREATE TABLE petition_total (
  day date NOT NULL,
  shard smallint NOT NULL,
  received integer NOT NULL DEFAULT 0,
  answered integer NOT NULL DEFAULT 0,
  answered_on_time integer NOT NULL DEFAULT 0,
  PRIMARY KEY (day, shard)
) WITH (fillfactor = 50);
"""

INDEXES = """
-- What is public, newest first: the country, a province, a unit; what is still being handled; by outcome of the answer.
-- The narrow filters ride along, so that a page's ids come from the index alone.
CREATE INDEX petition_public ON petition (published_at DESC, id DESC) INCLUDE (kind, state, outcome)
  WHERE published_at IS NOT NULL;
CREATE INDEX petition_public_province ON petition (province_path, published_at DESC, id DESC) INCLUDE (kind, state, outcome)
  WHERE published_at IS NOT NULL;
CREATE INDEX petition_public_unit ON petition (unit_id, published_at DESC, id DESC) INCLUDE (kind, state, outcome)
  WHERE published_at IS NOT NULL;
CREATE INDEX petition_public_open ON petition (published_at DESC, id DESC) INCLUDE (kind, state, unit_id, province_path)
  WHERE published_at IS NOT NULL AND answered_at IS NULL;
CREATE INDEX petition_public_outcome ON petition (outcome, published_at DESC, id DESC) INCLUDE (kind, state, unit_id, province_path)
  WHERE published_at IS NOT NULL AND answered_at IS NOT NULL;
CREATE INDEX petition_latest_answers ON petition (answered_at DESC, id DESC)
  WHERE published_at IS NOT NULL AND answered_at IS NOT NULL;
-- The desk of a unit: what waits, by deadline; what is answered, newest first. And what is late anywhere.
CREATE INDEX petition_desk ON petition (unit_id, organisation, state, due_at, id) WHERE answered_at IS NULL;
CREATE INDEX petition_desk_due ON petition (unit_id, organisation, due_at, id) WHERE answered_at IS NULL;
CREATE INDEX petition_desk_answered ON petition (unit_id, organisation, answered_at DESC, id DESC) WHERE answered_at IS NOT NULL;
CREATE INDEX petition_due ON petition (due_at) WHERE answered_at IS NULL;
CREATE INDEX petition_sender ON petition (sender_id, id DESC) WHERE sender_id IS NOT NULL;
"""

RULES = """
-- A petition is born without a state of its own; its first event gives it one.
CREATE FUNCTION petition_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'new' OR NEW.version <> 0 THEN
    RAISE EXCEPTION 'a petition gets its state from its events' USING ERRCODE = 'MP004';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER petition_birth BEFORE INSERT ON petition FOR EACH ROW EXECUTE FUNCTION petition_birth();

CREATE FUNCTION petition_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM petition_event WHERE petition_id = NEW.id AND seq = 1) THEN
    RAISE EXCEPTION 'petition % was never received', NEW.number USING ERRCODE = 'MP004';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER petition_born AFTER INSERT ON petition DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION petition_born();

-- Every step takes the row's lock, so that of two officers the second sees what the first has done.
CREATE FUNCTION petition_event_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject record;
  allowed record;
  latest record;
BEGIN
  SELECT p.state, p.version INTO subject FROM petition p WHERE p.id = NEW.petition_id FOR UPDATE;
  SELECT t.to_state, t.needs_reason INTO allowed FROM petition_transition t
    WHERE t.from_state = subject.state AND t.action = NEW.action;
  IF NOT FOUND OR NEW.from_state <> subject.state OR NEW.to_state <> allowed.to_state THEN
    RAISE EXCEPTION 'petition %: % from % to % is not a step it can take now (it is %)',
      NEW.petition_id, NEW.action, NEW.from_state, NEW.to_state, subject.state USING ERRCODE = 'MP001';
  END IF;
  IF allowed.needs_reason AND NEW.public_note = '' AND (NEW.internal_note = '' OR NEW.action = 'withhold_question') THEN
    RAISE EXCEPTION 'petition %: % needs a reason', NEW.petition_id, NEW.action USING ERRCODE = 'MP002';
  END IF;
  IF NEW.action IN ('submit_answer', 'return_answer', 'approve_answer') THEN
    SELECT a.author_id, a.decision, a.decided_by INTO latest FROM petition_answer a
      WHERE a.petition_id = NEW.petition_id ORDER BY a.ordinal DESC LIMIT 1;
    IF NOT FOUND
      OR (NEW.action = 'submit_answer' AND (latest.decision IS NOT NULL OR latest.author_id IS DISTINCT FROM NEW.person_id))
      OR (NEW.action = 'return_answer' AND (latest.decision IS DISTINCT FROM 'returned' OR latest.decided_by IS DISTINCT FROM NEW.person_id))
      OR (NEW.action = 'approve_answer' AND (latest.decision IS DISTINCT FROM 'approved' OR latest.decided_by IS DISTINCT FROM NEW.person_id
        OR latest.author_id = NEW.person_id)) THEN
      RAISE EXCEPTION 'petition %: % does not agree with its latest answer', NEW.petition_id, NEW.action USING ERRCODE = 'MP003';
    END IF;
  END IF;
  NEW.seq := subject.version + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER petition_event_guard BEFORE INSERT ON petition_event FOR EACH ROW EXECUTE FUNCTION petition_event_guard();

CREATE FUNCTION petition_event_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE petition SET state = NEW.to_state, version = NEW.seq,
    taken_at = CASE WHEN NEW.action = 'take_up' THEN NEW.at ELSE taken_at END,
    taken_by = CASE WHEN NEW.action = 'take_up' THEN NEW.person_id ELSE taken_by END,
    answered_at = CASE WHEN NEW.action = 'approve_answer' THEN NEW.at ELSE answered_at END,
    outcome = CASE WHEN NEW.action = 'approve_answer' THEN
      (SELECT a.outcome FROM petition_answer a WHERE a.petition_id = NEW.petition_id ORDER BY a.ordinal DESC LIMIT 1)
      ELSE outcome END,
    publication = CASE NEW.action WHEN 'publish_question' THEN 'published' WHEN 'withhold_question' THEN 'withheld' ELSE publication END,
    published_at = CASE NEW.action WHEN 'publish_question' THEN NEW.at WHEN 'withhold_question' THEN NULL ELSE published_at END,
    withheld_reason = CASE NEW.action WHEN 'publish_question' THEN '' WHEN 'withhold_question' THEN NEW.public_note ELSE withheld_reason END
  WHERE id = NEW.petition_id;
  RETURN NULL;
END $$;
CREATE TRIGGER petition_event_apply AFTER INSERT ON petition_event FOR EACH ROW EXECUTE FUNCTION petition_event_apply();

-- The application's role has no right to write these columns at all; this holds for every other role too.
CREATE FUNCTION petition_state_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM petition_event e WHERE e.petition_id = NEW.id AND e.seq = NEW.version AND e.to_state = NEW.state)
    OR NEW.version < OLD.version THEN
    RAISE EXCEPTION 'the state of petition % changes by its events only', NEW.number USING ERRCODE = 'MP004';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER petition_state_guard AFTER UPDATE ON petition FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.version IS DISTINCT FROM NEW.version)
  EXECUTE FUNCTION petition_state_guard();

CREATE TRIGGER petition_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON petition_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER petition_no_delete BEFORE DELETE OR TRUNCATE ON petition
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER petition_answer_no_delete BEFORE DELETE OR TRUNCATE ON petition_answer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An answer that was handed in is what it is: it can only be decided on, once.
CREATE FUNCTION petition_answer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.decision IS NOT NULL OR (NEW.petition_id, NEW.ordinal, NEW.outcome, NEW.body, NEW.public_body, NEW.files, NEW.author_id, NEW.created_at)
    IS DISTINCT FROM (OLD.petition_id, OLD.ordinal, OLD.outcome, OLD.body, OLD.public_body, OLD.files, OLD.author_id, OLD.created_at) THEN
    RAISE EXCEPTION 'answer % of petition % cannot be changed', OLD.ordinal, OLD.petition_id USING ERRCODE = 'MP003';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER petition_answer_guard BEFORE UPDATE ON petition_answer FOR EACH ROW EXECUTE FUNCTION petition_answer_guard();

-- Counted at the very end of the transaction: the counters' rows are locked for the length of the commit only.
-- Days are those of Viet Nam, which knows no summer time.
CREATE FUNCTION petition_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject record;
  on_day date := (NEW.at AT TIME ZONE INTERVAL '7 hours')::date;
  came integer := (NEW.action = 'submit')::integer;
  went integer := (NEW.action = 'approve_answer')::integer;
  in_time integer;
BEGIN
  SELECT p.unit_id, p.due_at INTO subject FROM petition p WHERE p.id = NEW.petition_id;
  in_time := (NEW.action = 'approve_answer' AND NEW.at <= subject.due_at)::integer;
  INSERT INTO petition_stat AS s (unit_id, day, received, answered, answered_on_time)
    VALUES (subject.unit_id, on_day, came, went, in_time)
    ON CONFLICT (unit_id, day) DO UPDATE SET received = s.received + came, answered = s.answered + went,
      answered_on_time = s.answered_on_time + in_time;
  INSERT INTO petition_open AS o (unit_id, open) VALUES (subject.unit_id, came)
    ON CONFLICT (unit_id) DO UPDATE SET open = o.open + came - went;
  INSERT INTO petition_total AS t (day, shard, received, answered, answered_on_time)
    VALUES (on_day, NEW.petition_id % 16, came, went, in_time)
    ON CONFLICT (day, shard) DO UPDATE SET received = t.received + came, answered = t.answered + went,
      answered_on_time = t.answered_on_time + in_time;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER petition_count AFTER INSERT ON petition_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.action IN ('submit', 'approve_answer')) EXECUTE FUNCTION petition_count();
"""

MERGES = """
-- When a commune has gone into another, its petitions and counts go along, so that its people's cases keep an office.
CREATE FUNCTION petition_follow_merges(gone integer[], heirs integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE petition p SET unit_id = u.id, unit_path = u.path
    FROM unnest(gone, heirs) AS m(gone, heir) JOIN unit u ON u.id = m.heir WHERE p.unit_id = m.gone;
  WITH moved AS (DELETE FROM petition_open o USING unnest(gone, heirs) AS m(gone, heir) WHERE o.unit_id = m.gone
    RETURNING m.heir, o.open)
  INSERT INTO petition_open AS o (unit_id, open) SELECT heir, sum(open) FROM moved GROUP BY heir
    ON CONFLICT (unit_id) DO UPDATE SET open = o.open + excluded.open;
  WITH moved AS (DELETE FROM petition_stat s USING unnest(gone, heirs) AS m(gone, heir) WHERE s.unit_id = m.gone
    RETURNING m.heir, s.day, s.received, s.answered, s.answered_on_time)
  INSERT INTO petition_stat AS s (unit_id, day, received, answered, answered_on_time)
    SELECT heir, day, sum(received), sum(answered), sum(answered_on_time) FROM moved GROUP BY heir, day
    ON CONFLICT (unit_id, day) DO UPDATE SET received = s.received + excluded.received, answered = s.answered + excluded.answered,
      answered_on_time = s.answered_on_time + excluded.answered_on_time;
END $$;
"""

STEPS = """
INSERT INTO petition_transition (from_state, action, to_state, needs_reason) VALUES
  ('new', 'submit', 'received', false),
  ('received', 'take_up', 'in_progress', false),
  ('in_progress', 'publish_question', 'in_progress', false),
  ('in_progress', 'withhold_question', 'in_progress', true),
  ('in_progress', 'submit_answer', 'awaiting_approval', false),
  ('awaiting_approval', 'return_answer', 'in_progress', true),
  ('awaiting_approval', 'approve_answer', 'answered', false),
  ('answered', 'withhold_question', 'answered', true)
"""

DEADLINES = """
INSERT INTO deadline_rule (kind, step, working_days, basis, valid_from)
SELECT kind, step, days, basis, DATE '2014-07-01'
FROM (VALUES
  ('answer', 10, 'Luật Tiếp công dân số 42/2013/QH13, Điều 28: trả lời chậm nhất 10 ngày làm việc kể từ ngày tiếp nhận'),
  ('forward', 5, 'Luật Tiếp công dân số 42/2013/QH13: chuyển đến nơi có thẩm quyền trong 5 ngày làm việc')
) AS rule(step, days, basis), unnest(ARRAY['phan_anh', 'kien_nghi', 'cau_hoi']) AS kind
"""

APP_READS = "deadline_rule, petition_transition, petition_stat, petition_open, petition_total"
WRITABLE = "public_title, public_body, public_place"


def upgrade() -> None:
    for statements in (TABLES, INDEXES, RULES, MERGES, STEPS, DEADLINES):
        op.execute(statements)
    op.execute("ALTER TABLE petition SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)")
    op.execute(f"GRANT SELECT ON {APP_READS} TO mattranso_app")
    op.execute("GRANT SELECT, INSERT ON petition, petition_event, petition_answer TO mattranso_app")
    op.execute(f"GRANT UPDATE ({WRITABLE}) ON petition TO mattranso_app")
    op.execute("GRANT UPDATE (decision, decided_by, decided_at, reason) ON petition_answer TO mattranso_app")
    op.execute("GRANT SELECT, INSERT ON petition_contact TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON petition_draft TO mattranso_app")


def downgrade() -> None:
    op.execute(
        "DROP TABLE petition_total, petition_open, petition_stat, petition_draft, petition_answer, "
        "petition_event, petition_contact, petition, petition_transition, deadline_rule"
    )
    op.execute(
        "DROP FUNCTION petition_birth(), petition_born(), petition_event_guard(), petition_event_apply(), "
        "petition_state_guard(), petition_answer_guard(), petition_count(), petition_follow_merges"
    )
    op.execute("ALTER TABLE unit DROP CONSTRAINT unit_id_path")
