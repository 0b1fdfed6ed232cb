"""A person's roles are found by index: they are asked for before every event, ended ones too."""

from __future__ import annotations

from alembic import op

revision = "0020_role_look_up"
down_revision = "0019_invitation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX role_grant_person ON role_grant (person_id)")


def downgrade() -> None:
    op.execute("DROP INDEX role_grant_person")
