"""Dashboards: what somebody has kept to look at again; figures are never in them, only what is asked."""

from __future__ import annotations

from alembic import op

revision = "0027_dashboard"
down_revision = "0026_reporting_upward"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE reporting_dashboard (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  name text NOT NULL CHECK (name <> ''),
  tiles jsonb NOT NULL,
  is_shared boolean NOT NULL DEFAULT false,
  unit_path text NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (person_id, name)
);
COMMENT ON COLUMN reporting_dashboard.unit_path IS 'The home unit of its owner: when shared, officers there and below may open it';
CREATE INDEX reporting_dashboard_shared ON reporting_dashboard (unit_path) WHERE is_shared;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON reporting_dashboard TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP TABLE reporting_dashboard")
