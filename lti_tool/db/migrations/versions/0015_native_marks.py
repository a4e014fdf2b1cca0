"""Native marks by web service"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('moodle_connection',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('url', sa.String(length=400), nullable=False),
    sa.Column('token_locked', sa.Text(), nullable=False),
    sa.Column('set_at', base.AwareTime(), nullable=False),
    sa.Column('set_by', key, nullable=True),
    sa.Column('tested_at', base.AwareTime(), nullable=True),
    sa.Column('fault', sa.String(length=60), nullable=True),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_moodle_connection_platform_id_platform')),
    sa.ForeignKeyConstraint(['set_by'], ['person.id'], name=op.f('fk_moodle_connection_set_by_person')),
    sa.PrimaryKeyConstraint('platform_id', name=op.f('pk_moodle_connection'))
    )
    op.create_table('native_pull',
    sa.Column('course_id', key, nullable=False),
    sa.Column('due_at', base.AwareTime(), nullable=True),
    sa.Column('asked_at', base.AwareTime(), nullable=True),
    sa.Column('read_at', base.AwareTime(), nullable=True),
    sa.Column('failed_at', base.AwareTime(), nullable=True),
    sa.Column('failures', sa.SmallInteger(), nullable=False),
    sa.Column('fault', sa.String(length=60), nullable=True),
    sa.Column('function', sa.String(length=80), nullable=True),
    sa.Column('added', key, nullable=False),
    sa.Column('changed', key, nullable=False),
    sa.Column('withdrawn', key, nullable=False),
    sa.Column('unchanged', key, nullable=False),
    sa.Column('unmatched', key, nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_native_pull_course_id_course')),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_native_pull'))
    )
    op.create_index(op.f('ix_native_pull_due_at'), 'native_pull', ['due_at'])
    op.create_table('native_item',
    sa.Column('course_id', key, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=400), nullable=False),
    sa.Column('module', sa.String(length=60), nullable=True),
    sa.Column('instance', sa.String(length=40), nullable=True),
    sa.Column('mark_min', base.ExactMark(), nullable=False),
    sa.Column('mark_max', base.ExactMark(), nullable=False),
    sa.Column('fault', sa.String(length=20), nullable=True),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=False),
    sa.Column('activity_id', key, nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_native_item_activity_id_activity')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_native_item_course_id_course')),
    sa.PrimaryKeyConstraint('course_id', 'key', name=op.f('pk_native_item'))
    )


def downgrade() -> None:
    op.drop_table('native_item')
    op.drop_index(op.f('ix_native_pull_due_at'), table_name='native_pull')
    op.drop_table('native_pull')
    op.drop_table('moodle_connection')
