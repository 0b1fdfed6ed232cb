"""Reporting on today's map: shares by the days they hold for, quick ways to reports of a place and to those that moved."""

from __future__ import annotations

from alembic import op

revision = "0025_reporting_today"
down_revision = "0024_transfers_follow"
branch_labels = None
depends_on = None

SHARE = """
DROP TABLE reporting_share;
CREATE TABLE reporting_share (
  from_id integer NOT NULL REFERENCES unit,
  since date NOT NULL,
  until date NOT NULL CHECK (until > since),
  to_id integer NOT NULL REFERENCES unit,
  share numeric NOT NULL CHECK (share > 0 AND share <= 1),
  is_divided boolean NOT NULL,
  PRIMARY KEY (from_id, since, to_id, is_divided)
);
COMMENT ON TABLE reporting_share IS 'Into which of today''s units the figures of an ended or divided unit go, for periods ending in [since, until)';
COMMENT ON COLUMN reporting_share.is_divided IS 'False: the part lies somewhere below to_id, nobody has said in which of its units';
CREATE INDEX reporting_share_to ON reporting_share (to_id);
CREATE INDEX reporting_report_place ON reporting_report (form_id, organisation, period, reported_path COLLATE "C");
CREATE INDEX reporting_report_moved ON reporting_report (form_id, organisation, period) WHERE NOT starts_with(unit_path, group_path);
CREATE INDEX unit_path_all ON unit (path COLLATE "C");
"""

BEFORE = """
DROP INDEX reporting_report_place;
DROP INDEX reporting_report_moved;
DROP INDEX unit_path_all;
DROP TABLE reporting_share;
CREATE TABLE reporting_share (
  from_id integer NOT NULL REFERENCES unit,
  to_id integer NOT NULL REFERENCES unit,
  share numeric,
  PRIMARY KEY (from_id, to_id)
);
CREATE INDEX reporting_share_to ON reporting_share (to_id);
"""
_GRANT = "GRANT SELECT, INSERT, UPDATE, DELETE ON reporting_share TO mattranso_app"


def upgrade() -> None:
    op.execute(SHARE)
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute(BEFORE)
    op.execute(_GRANT)
