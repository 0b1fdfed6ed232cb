"""An erasure takes from a passkey's row what it is known by."""

from __future__ import annotations

from alembic import op

revision = "0021_passkey_erasure"
down_revision = "0020_role_look_up"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT UPDATE (credential_id, public_key) ON second_factor TO mattranso_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (credential_id, public_key) ON second_factor FROM mattranso_app")
