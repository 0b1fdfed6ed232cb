"""The application's role, Vietnamese folding and the hash-chained audit log."""

from __future__ import annotations

from alembic import op

revision = "0001_core"
down_revision = None
branch_labels = None
depends_on = None

AUDIT = """
CREATE TABLE audit_head (
  chain smallint PRIMARY KEY,
  ordinal bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT '\\x'
);
INSERT INTO audit_head (chain) SELECT generate_series(0, 31);

CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chain smallint NOT NULL,
  ordinal bigint NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  person_id uuid,
  session_id uuid,
  address text NOT NULL DEFAULT '',
  action text NOT NULL,
  subject text NOT NULL,
  detail text NOT NULL,
  UNIQUE (chain, ordinal)
);
CREATE INDEX audit_log_subject ON audit_log (subject, id);
CREATE INDEX audit_log_person ON audit_log (person_id, id) WHERE person_id IS NOT NULL;

-- Every part carries its length, so that no two different rows have the same bytes.
CREATE FUNCTION audit_hash(chain smallint, ordinal bigint, previous bytea, at timestamptz, actor_kind text,
  person_id uuid, session_id uuid, address text, action text, subject text, detail text)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(previous || convert_to(string_agg(length(part)::text || ':' || part, '' ORDER BY place), 'UTF8'))
  FROM unnest(ARRAY[chain::text, ordinal::text, extract(epoch FROM at)::numeric::text, actor_kind,
    coalesce(person_id::text, ''), coalesce(session_id::text, ''), address, action, subject, detail])
    WITH ORDINALITY AS parts(part, place)
$$;

CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE head audit_head;
BEGIN
  NEW.chain := get_byte(sha256(convert_to(NEW.subject, 'UTF8')), 0) % 32;
  SELECT * INTO head FROM audit_head WHERE chain = NEW.chain FOR UPDATE;
  NEW.ordinal := head.ordinal + 1;
  NEW.previous := head.hash;
  NEW.hash := audit_hash(NEW.chain, NEW.ordinal, NEW.previous, NEW.at, NEW.actor_kind, NEW.person_id, NEW.session_id,
    NEW.address, NEW.action, NEW.subject, NEW.detail);
  UPDATE audit_head SET ordinal = NEW.ordinal, hash = NEW.hash WHERE chain = NEW.chain;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_seal BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_seal();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'mattranso_app') "
        "THEN CREATE ROLE mattranso_app LOGIN; END IF; END $$"
    )
    op.execute("GRANT USAGE ON SCHEMA public TO mattranso_app")
    op.execute(AUDIT)
    op.execute("GRANT SELECT, INSERT ON audit_log TO mattranso_app")
    op.execute("GRANT SELECT ON audit_head TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE audit_log, audit_head")
    op.execute("DROP FUNCTION audit_seal(), audit_hash, refuse_change()")
    op.execute("REVOKE USAGE ON SCHEMA public FROM mattranso_app")
