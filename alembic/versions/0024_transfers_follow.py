"""A transfer that waits follows the unit it leads to into that one's heir."""

from __future__ import annotations

from alembic import op

revision = "0024_transfers_follow"
down_revision = "0023_erasure_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT UPDATE (to_unit_id) ON staff_transfer TO mattranso_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (to_unit_id) ON staff_transfer FROM mattranso_app")
