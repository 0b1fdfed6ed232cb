"""Reporting: forms and their versions, reports with every change kept, totals kept beside them and what is stale of them."""

from __future__ import annotations

from alembic import op

revision = "0022_reporting"
down_revision = "0021_passkey_erasure"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reporting_indicator (
  code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  definition jsonb NOT NULL,
  owner_path text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE reporting_indicator IS 'What the designers of forms pick from; each form carries copies of its own';

CREATE TABLE reporting_form (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tool text NOT NULL CHECK (tool IN ('registry', 'congress')),
  code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  owner_path text NOT NULL,
  draft jsonb,
  draft_revision integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid,
  closed_from text,
  UNIQUE (tool, code)
);
COMMENT ON COLUMN reporting_form.owner_path IS 'The unit that asks; only units below it report';
COMMENT ON COLUMN reporting_form.closed_from IS 'The first period that is not asked for any more';

CREATE TABLE reporting_form_version (
  form_id integer NOT NULL REFERENCES reporting_form,
  version integer NOT NULL CHECK (version > 0),
  from_period text NOT NULL,
  from_day date NOT NULL,
  definition jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by uuid,
  PRIMARY KEY (form_id, version),
  UNIQUE (form_id, from_day)
);

CREATE TABLE reporting_slot (
  form_id integer NOT NULL REFERENCES reporting_form,
  slot smallint NOT NULL CHECK (slot > 0),
  key text NOT NULL,
  PRIMARY KEY (form_id, slot),
  UNIQUE (form_id, key)
);
COMMENT ON TABLE reporting_slot IS 'Where the number of a cell stands in the arrays, the same through all versions of a form';

CREATE TABLE reporting_report (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  form_id integer NOT NULL,
  version integer NOT NULL,
  organisation text NOT NULL REFERENCES organisation,
  period text NOT NULL,
  period_end date NOT NULL,
  unit_id integer NOT NULL,
  unit_path text NOT NULL,
  reported_path text NOT NULL,
  level text NOT NULL CHECK (level IN ('central', 'province', 'commune', 'group')),
  group_path text NOT NULL GENERATED ALWAYS AS
    (CASE WHEN reported_path = 'vn/' THEN 'vn/' ELSE 'vn/' || split_part(reported_path, '/', 2) || '/' END) STORED,
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'returned', 'approved')),
  revision integer NOT NULL DEFAULT 0,
  cells jsonb NOT NULL DEFAULT '{}',
  numbers numeric[],
  gaps jsonb NOT NULL DEFAULT '{}',
  explanations jsonb NOT NULL DEFAULT '{}',
  due_at timestamptz NOT NULL,
  lock_at timestamptz,
  submitted_at timestamptz,
  submitted_by uuid,
  is_late boolean NOT NULL DEFAULT false,
  amendments integer NOT NULL DEFAULT 0,
  decided_at timestamptz,
  decided_by uuid,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (form_id, version) REFERENCES reporting_form_version,
  FOREIGN KEY (unit_id, unit_path) REFERENCES unit (id, path) ON UPDATE CASCADE,
  UNIQUE (form_id, period, organisation, unit_id),
  CONSTRAINT reporting_report_counted CHECK ((state IN ('submitted', 'approved')) = (numbers IS NOT NULL)),
  CONSTRAINT reporting_report_submitted CHECK (state NOT IN ('submitted', 'approved') OR submitted_at IS NOT NULL)
) WITH (fillfactor = 80);
COMMENT ON COLUMN reporting_report.unit_path IS 'Where the unit stands today: rights go by it';
COMMENT ON COLUMN reporting_report.reported_path IS 'Where the unit stood when it reported: totals "as reported" go by it';
COMMENT ON COLUMN reporting_report.numbers IS 'What counts in totals, by slot; a report counts when it was submitted and not returned';

CREATE TABLE reporting_revision (
  report_id bigint NOT NULL REFERENCES reporting_report,
  revision integer NOT NULL,
  at timestamptz NOT NULL,
  act text NOT NULL CHECK (act IN ('save', 'submit', 'amend', 'return', 'approve', 'reopen')),
  source text NOT NULL CHECK (source IN ('form', 'offline', 'excel', 'api', 'group', 'seed')),
  person_id uuid,
  person_name text NOT NULL DEFAULT '',
  changes jsonb NOT NULL DEFAULT '{}',
  reason text NOT NULL DEFAULT '',
  PRIMARY KEY (report_id, revision)
);
COMMENT ON COLUMN reporting_revision.changes IS 'By cell: what it held before and after, null for nothing';

CREATE TABLE reporting_comment (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  report_id bigint NOT NULL REFERENCES reporting_report,
  key text NOT NULL,
  at timestamptz NOT NULL,
  person_id uuid,
  person_name text NOT NULL,
  body text NOT NULL CHECK (body <> '')
);
CREATE INDEX reporting_comment_report ON reporting_comment (report_id, id);

CREATE TABLE reporting_forward (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  form_id integer NOT NULL REFERENCES reporting_form,
  period text NOT NULL,
  organisation text NOT NULL REFERENCES organisation,
  unit_id integer NOT NULL,
  unit_path text NOT NULL,
  at timestamptz NOT NULL,
  person_id uuid,
  person_name text NOT NULL,
  expected integer NOT NULL,
  reports integer NOT NULL,
  missing jsonb NOT NULL DEFAULT '[]',
  note text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'sent' CHECK (state IN ('sent', 'returned', 'accepted')),
  decided_at timestamptz,
  decided_by uuid,
  reason text NOT NULL DEFAULT '',
  FOREIGN KEY (unit_id, unit_path) REFERENCES unit (id, path) ON UPDATE CASCADE
);
CREATE INDEX reporting_forward_of ON reporting_forward (form_id, period, organisation, unit_id, id DESC);
COMMENT ON TABLE reporting_forward IS 'A level sends on what its units have reported, naming who is missing; what comes later shows as such';

CREATE TABLE reporting_total (
  form_id integer NOT NULL,
  period text NOT NULL,
  organisation text NOT NULL,
  group_path text NOT NULL,
  level text NOT NULL,
  sums numeric[] NOT NULL,
  filled integer[] NOT NULL,
  reports integer NOT NULL,
  late integer NOT NULL,
  amended integer NOT NULL,
  approved integer NOT NULL,
  PRIMARY KEY (form_id, organisation, period, group_path, level)
) WITH (fillfactor = 70);
COMMENT ON TABLE reporting_total IS 'Sums of the reports of a province (or of Central) by level of who reported; right unless reporting_stale names them';

CREATE TABLE reporting_stale (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  form_id integer NOT NULL,
  period text NOT NULL,
  organisation text NOT NULL,
  group_path text NOT NULL
);
CREATE INDEX reporting_stale_of ON reporting_stale (form_id, organisation, period, group_path);
COMMENT ON TABLE reporting_stale IS 'Written with each change that counts: the totals it makes wrong, counted anew by readers until a process has folded them';

CREATE TABLE reporting_share (
  from_id integer NOT NULL REFERENCES unit,
  to_id integer NOT NULL REFERENCES unit,
  share numeric,
  PRIMARY KEY (from_id, to_id)
);
COMMENT ON TABLE reporting_share IS 'Into which of today''s units the figures of an ended unit go, and which part; NULL when nobody has said';
"""

INDEXES = """
CREATE INDEX reporting_report_group ON reporting_report (form_id, organisation, period, group_path);
CREATE INDEX reporting_report_unit ON reporting_report (unit_id, form_id, organisation, period_end DESC);
CREATE INDEX reporting_report_waiting ON reporting_report (unit_path text_pattern_ops, state, due_at) WHERE state IN ('submitted', 'returned');
CREATE INDEX reporting_share_to ON reporting_share (to_id);
"""

RULES = """
CREATE FUNCTION reporting_report_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.form_id, OLD.organisation, OLD.period, OLD.unit_id, OLD.reported_path) IS DISTINCT FROM
     (NEW.form_id, NEW.organisation, NEW.period, NEW.unit_id, NEW.reported_path) THEN
    RAISE EXCEPTION 'a report stays what it is about' USING ERRCODE = 'MR001';
  END IF;
  IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('draft', 'submitted'), ('submitted', 'returned'),
     ('submitted', 'approved'), ('approved', 'returned'), ('returned', 'submitted')) THEN
    RAISE EXCEPTION 'a report does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'MR002';
  END IF;
  IF NEW.revision < OLD.revision OR (NEW.revision = OLD.revision AND (NEW.state, NEW.cells, NEW.numbers) IS DISTINCT FROM (OLD.state, OLD.cells, OLD.numbers)) THEN
    RAISE EXCEPTION 'a change of a report has a revision of its own' USING ERRCODE = 'MR003';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reporting_report_step BEFORE UPDATE ON reporting_report FOR EACH ROW EXECUTE FUNCTION reporting_report_step();
CREATE FUNCTION reporting_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'published versions of a form do not change' USING ERRCODE = 'MR004';
END $$;
CREATE TRIGGER reporting_form_version_frozen BEFORE UPDATE OR DELETE ON reporting_form_version
  FOR EACH ROW EXECUTE FUNCTION reporting_frozen();
CREATE TRIGGER reporting_slot_frozen BEFORE UPDATE OR DELETE ON reporting_slot FOR EACH ROW EXECUTE FUNCTION reporting_frozen();
"""

NAMES = ("indicator", "form", "form_version", "slot", "report", "revision", "comment", "forward", "total", "stale", "share")


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(INDEXES)
    op.execute(RULES)
    tables = ", ".join(f"reporting_{name}" for name in NAMES)
    op.execute(f"GRANT SELECT, INSERT ON {tables} TO mattranso_app")
    op.execute("GRANT UPDATE ON reporting_indicator, reporting_form, reporting_report, reporting_forward, reporting_total, reporting_share TO mattranso_app")
    op.execute("GRANT DELETE ON reporting_stale, reporting_total, reporting_share TO mattranso_app")
    # An erasure takes a person's name from what he did; what was done stays.
    op.execute("GRANT UPDATE (person_id, person_name) ON reporting_revision, reporting_comment TO mattranso_app")


def downgrade() -> None:
    for name in reversed(NAMES):
        op.execute(f"DROP TABLE reporting_{name}")
    op.execute("DROP FUNCTION reporting_report_step(), reporting_frozen()")
