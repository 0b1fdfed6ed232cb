"""OpenID provider: what each application may ask for, and when a consent was last made use of."""

from __future__ import annotations

from alembic import op

revision = "0013_applications"
down_revision = "0012_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE oauth_client ADD COLUMN scopes text[] NOT NULL DEFAULT '{openid,profile,unit,roles,email,phone}' "
        "CHECK ('openid' = ANY (scopes))"
    )
    op.execute("ALTER TABLE oauth_consent ADD COLUMN last_used_at timestamptz")
    op.execute("GRANT UPDATE (scopes) ON oauth_client TO mattranso_app")
    op.execute("GRANT UPDATE (last_used_at) ON oauth_consent TO mattranso_app")


def downgrade() -> None:
    op.execute("ALTER TABLE oauth_consent DROP COLUMN last_used_at")
    op.execute("ALTER TABLE oauth_client DROP COLUMN scopes")
