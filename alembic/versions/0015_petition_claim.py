"""Petitions sent without an account join a citizen's list: once, by number and receipt, and nobody's act but hers."""

from __future__ import annotations

from alembic import op

revision = "0015_petition_claim"
down_revision = "0015_officers"
branch_labels = None
depends_on = None

CLAIM = """
-- The application cannot write whose a petition is; this writes it where the receipt is shown, and only while nobody's it is.
CREATE FUNCTION petition_claim(wanted text, receipts bytea[], claimant uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  subject record;
BEGIN
  SELECT p.id, p.sender_id INTO subject FROM petition p WHERE p.receipt_hash = ANY(receipts) AND p.number = wanted FOR UPDATE;
  IF NOT FOUND OR claimant IS NULL THEN
    RETURN 'unknown';
  ELSIF subject.sender_id IS NOT NULL THEN
    RETURN CASE WHEN subject.sender_id = claimant THEN 'own' ELSE 'taken' END;
  END IF;
  UPDATE petition SET sender_id = claimant WHERE id = subject.id;
  RETURN 'claimed';
END $$;
REVOKE EXECUTE ON FUNCTION petition_claim(text, bytea[], uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION petition_claim(text, bytea[], uuid) TO mattranso_app;
"""


def upgrade() -> None:
    op.execute(CLAIM)


def downgrade() -> None:
    op.execute("DROP FUNCTION petition_claim(text, bytea[], uuid)")
