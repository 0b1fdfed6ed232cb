"""Totals of the whole country are kept too (`*` for a province): what is there is marked stale, so that the worker makes them.

And reports whose unit stands in another province today are found by an index of their own.
"""

from __future__ import annotations

from alembic import op

revision = "0028_reporting_country"
down_revision = "0027_dashboard"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX reporting_report_crossed ON reporting_report (form_id, organisation, period) "
        "WHERE NOT starts_with(unit_path, group_path)"
    )
    op.execute(
        "INSERT INTO reporting_stale (form_id, period, organisation, group_path) "
        "SELECT DISTINCT form_id, period, organisation, group_path FROM reporting_total"
    )


def downgrade() -> None:
    op.execute("DROP INDEX reporting_report_crossed")
    op.execute("DELETE FROM reporting_total WHERE group_path = '*'")
