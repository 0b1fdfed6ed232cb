"""Officers: roles lent to a colleague for the time of an absence, and transfers from one unit to another."""

from __future__ import annotations

from alembic import op

revision = "0015_officers"
down_revision = "0014_access_tokens"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE role_grant ADD CONSTRAINT role_grant_holder UNIQUE (id, person_id);

-- A role its holder lends to a colleague. It names the holder's own row of role_grant, so nobody lends more than he has or
-- what he was lent himself, and it ends at the latest with that row.
CREATE TABLE role_delegation (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  grant_id bigint NOT NULL,
  delegator_id uuid NOT NULL,
  person_id uuid NOT NULL REFERENCES person,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz NOT NULL,
  given_by uuid REFERENCES person,
  created_at timestamptz NOT NULL,
  ended_by uuid REFERENCES person,
  ended_at timestamptz,
  FOREIGN KEY (grant_id, delegator_id) REFERENCES role_grant (id, person_id),
  CHECK (person_id <> delegator_id),
  -- Nobody takes another's role for himself.
  CHECK (given_by IS DISTINCT FROM person_id),
  CHECK (valid_to >= valid_from AND valid_to <= valid_from + interval '190 days')
);
CREATE INDEX role_delegation_person ON role_delegation (person_id, valid_to);
CREATE INDEX role_delegation_grant ON role_delegation (grant_id, valid_to);
CREATE INDEX role_delegation_delegator ON role_delegation (delegator_id, valid_to);

-- Every role somebody holds or held, own and lent: what sessions, screens and applications read.
CREATE VIEW held_role AS
  SELECT g.id AS grant_id, g.person_id, g.role, g.organisation, g.unit_id, g.valid_from, g.valid_to,
         NULL::bigint AS delegation_id, NULL::uuid AS delegator_id
    FROM role_grant g
  UNION ALL
  SELECT g.id, d.person_id, g.role, g.organisation, g.unit_id, greatest(g.valid_from, d.valid_from), least(g.valid_to, d.valid_to),
         d.id, d.delegator_id
    FROM role_delegation d
    JOIN role_grant g ON g.id = d.grant_id
    JOIN person p ON p.id = d.delegator_id
   WHERE p.disabled_at IS NULL;

-- One side lets an officer go, the other takes him in with roles of its choice.
CREATE TABLE staff_transfer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person,
  from_unit_id integer NOT NULL REFERENCES unit,
  to_unit_id integer NOT NULL REFERENCES unit,
  proposed_by uuid REFERENCES person,
  proposed_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('accepted', 'declined', 'withdrawn')),
  decided_by uuid REFERENCES person,
  decided_at timestamptz,
  CHECK (from_unit_id <> to_unit_id),
  CHECK (proposed_by IS DISTINCT FROM person_id AND decided_by IS DISTINCT FROM person_id),
  CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX staff_transfer_open ON staff_transfer (person_id) WHERE decision IS NULL;
CREATE INDEX staff_transfer_waiting ON staff_transfer (to_unit_id, id) WHERE decision IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE (valid_to, ended_by, ended_at) ON role_delegation TO mattranso_app")
    op.execute("GRANT SELECT ON held_role TO mattranso_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (decision, decided_by, decided_at) ON staff_transfer TO mattranso_app")


def downgrade() -> None:
    op.execute("DROP VIEW held_role")
    op.execute("DROP TABLE staff_transfer, role_delegation")
    op.execute("ALTER TABLE role_grant DROP CONSTRAINT role_grant_holder")
