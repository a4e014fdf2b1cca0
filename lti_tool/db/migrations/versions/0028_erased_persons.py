"""Erased persons: since when, memberships that only count, and periods after which data goes

Columns that may be empty or have a default, and a table; the trigger refuses only changes of persons who are erased.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER person_erased BEFORE UPDATE ON person WHEN OLD.erased_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an erased person stays erased'); END
"""
POSTGRES = (
    """
CREATE OR REPLACE FUNCTION person_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an erased person stays erased' USING ERRCODE = 'restrict_violation';
END
$$
""",
    """
CREATE TRIGGER person_erased BEFORE UPDATE ON person
FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION person_refuse()
""",
)


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    with op.batch_alter_table('person') as table:
        table.add_column(sa.Column('erased_at', base.AwareTime(), nullable=True))
    op.create_index(op.f('ix_person_erased_at'), 'person', ['erased_at'])
    with op.batch_alter_table('membership') as table:
        table.add_column(sa.Column('erased', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f('ix_delivery_attempt_tried_at'), 'delivery_attempt', ['tried_at'])
    op.create_index(op.f('ix_evidence_recorded_by'), 'evidence', ['recorded_by'])
    op.create_table('retention',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('days', key, nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('changed_at', base.AwareTime(), nullable=False),
    sa.Column('swept_at', base.AwareTime(), nullable=True),
    sa.Column('deleted', key, nullable=False, server_default='0'),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_retention_platform_id_platform')),
    sa.PrimaryKeyConstraint('platform_id', 'kind', name=op.f('pk_retention'))
    )
    for statement in (SQLITE,) if op.get_bind().dialect.name == 'sqlite' else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER person_erased ON person')
        op.execute('DROP FUNCTION person_refuse()')
    else:
        op.execute('DROP TRIGGER person_erased')
    op.drop_table('retention')
    op.drop_index(op.f('ix_evidence_recorded_by'), table_name='evidence')
    op.drop_index(op.f('ix_delivery_attempt_tried_at'), table_name='delivery_attempt')
    # Not in a batch: on SQLite that would build anew a table to which others lead.
    op.drop_column('membership', 'erased')
    op.drop_index(op.f('ix_person_erased_at'), table_name='person')
    op.drop_column('person', 'erased_at')
