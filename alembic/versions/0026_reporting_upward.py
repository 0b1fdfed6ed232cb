"""Reporting upward: links of residential groups, reminders that were sent."""

from __future__ import annotations

from alembic import op

revision = "0026_reporting_upward"
down_revision = "0025_reporting_today"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reporting_link (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  code_hash bytea NOT NULL,
  form_id integer NOT NULL REFERENCES reporting_form,
  period text NOT NULL,
  organisation text NOT NULL REFERENCES organisation,
  unit_id integer NOT NULL,
  unit_path text NOT NULL,
  made_at timestamptz NOT NULL,
  made_by uuid,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by uuid,
  used_at timestamptz,
  FOREIGN KEY (unit_id, unit_path) REFERENCES unit (id, path) ON UPDATE CASCADE
);
COMMENT ON TABLE reporting_link IS 'A residential group reports one period of one form by a link and a code, both kept as keyed hashes';
CREATE UNIQUE INDEX reporting_link_once ON reporting_link (form_id, period, organisation, unit_id) WHERE revoked_at IS NULL;

CREATE TABLE reporting_reminder (
  form_id integer NOT NULL REFERENCES reporting_form,
  period text NOT NULL,
  organisation text NOT NULL REFERENCES organisation,
  unit_id integer NOT NULL REFERENCES unit,
  step text NOT NULL CHECK (step IN ('before', 'after', 'again')),
  at timestamptz NOT NULL,
  told integer NOT NULL,
  PRIMARY KEY (form_id, period, organisation, unit_id, step)
);
COMMENT ON TABLE reporting_reminder IS 'A unit is reminded of a report once for each step; told: officers whose contact is known';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT ON reporting_link, reporting_reminder TO mattranso_app")
    op.execute("GRANT UPDATE (revoked_at, revoked_by, used_at, made_by) ON reporting_link TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE reporting_reminder")
    op.execute("DROP TABLE reporting_link")
