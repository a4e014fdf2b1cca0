"""The record of reads and changes: append-only, held by the database

New tables only; the triggers stand on one of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

SQLITE = (
    """
CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
""",
    """
CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
WHEN NOT EXISTS (SELECT 1 FROM audit_expiry WHERE audit_expiry.platform_id IS OLD.platform_id AND OLD.at < before_at)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
""",
)
POSTGRES = (
    """
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (
            SELECT 1 FROM audit_expiry
            WHERE audit_expiry.platform_id IS NOT DISTINCT FROM OLD.platform_id AND OLD.at < audit_expiry.before_at
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_event is append-only' USING ERRCODE = 'restrict_violation';
END
$$
""",
    """
CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()
""",
    """
CREATE TRIGGER audit_event_whole BEFORE TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()
""",
)


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('audit_event',
    sa.Column('id', key, nullable=False),
    sa.Column('at', base.AwareTime(), nullable=False),
    sa.Column('platform_id', key, nullable=True),
    sa.Column('actor_kind', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.String(length=64), nullable=True),
    sa.Column('action', sa.String(length=30), nullable=False),
    sa.Column('subject_kind', sa.String(length=12), nullable=True),
    sa.Column('subject_id', sa.String(length=64), nullable=True),
    sa.Column('course', sa.String(length=64), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event'))
    )
    op.create_index('ix_audit_event_at', 'audit_event', ['platform_id', 'at', 'id'])
    op.create_index('ix_audit_event_actor', 'audit_event', ['platform_id', 'actor_id', 'at', 'id'])
    op.create_index('ix_audit_event_subject', 'audit_event', ['platform_id', 'subject_id', 'at', 'id'])
    op.create_index('ix_audit_event_course', 'audit_event', ['platform_id', 'course', 'at', 'id'])
    op.create_index('ix_audit_event_action', 'audit_event', ['platform_id', 'action', 'at', 'id'])
    op.create_table('audit_expiry',
    sa.Column('id', key, nullable=False),
    sa.Column('platform_id', key, nullable=True),
    sa.Column('before_at', base.AwareTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_expiry'))
    )
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table('audit_event')
    op.drop_table('audit_expiry')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION audit_event_refuse()')
