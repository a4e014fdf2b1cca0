"""Versions of the requirements: dates, which one new courses take, crosswalks, moved courses and what that would do

Only tables, so that the version before goes on beside them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('framework_validity',
    sa.Column('framework_version_id', KEY, nullable=False),
    sa.Column('approved_on', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('beside', sa.Boolean(), nullable=False),
    _to('framework_validity', 'framework_version_id', 'framework_version'),
    sa.PrimaryKeyConstraint('framework_version_id', name=op.f('pk_framework_validity'))
    )
    op.create_table('framework_choice',
    sa.Column('platform_id', KEY, nullable=False),
    sa.Column('framework_version_id', KEY, nullable=False),
    sa.Column('chosen_at', base.AwareTime(), nullable=False),
    sa.Column('chosen_by', KEY, nullable=True),
    _to('framework_choice', 'platform_id', 'platform'),
    _to('framework_choice', 'framework_version_id', 'framework_version'),
    _to('framework_choice', 'chosen_by', 'person'),
    sa.PrimaryKeyConstraint('platform_id', name=op.f('pk_framework_choice'))
    )
    op.create_table('crosswalk',
    sa.Column('id', KEY, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('platform_id', KEY, nullable=True),
    sa.Column('from_version_id', KEY, nullable=False),
    sa.Column('to_version_id', KEY, nullable=False),
    sa.Column('lines', sa.JSON(), nullable=False),
    sa.Column('revision', sa.SmallInteger(), nullable=False),
    sa.Column('changed_at', base.AwareTime(), nullable=False),
    sa.Column('changed_by', KEY, nullable=True),
    sa.Column('confirmed_at', base.AwareTime(), nullable=True),
    _to('crosswalk', 'platform_id', 'platform'),
    _to('crosswalk', 'from_version_id', 'framework_version'),
    _to('crosswalk', 'to_version_id', 'framework_version'),
    _to('crosswalk', 'changed_by', 'person'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_crosswalk')),
    sa.UniqueConstraint('public_id', name=op.f('uq_crosswalk_public_id'))
    )
    op.create_index(op.f('ix_crosswalk_platform_id_to_version_id'), 'crosswalk', ['platform_id', 'to_version_id'])
    _moves()


def _moves() -> None:
    op.create_table('course_move',
    sa.Column('id', KEY, nullable=False),
    sa.Column('course_id', KEY, nullable=False),
    sa.Column('crosswalk_id', KEY, nullable=False),
    sa.Column('from_version_id', KEY, nullable=False),
    sa.Column('to_version_id', KEY, nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('moved_at', base.AwareTime(), nullable=False),
    sa.Column('moved_by', KEY, nullable=True),
    sa.Column('undone_at', base.AwareTime(), nullable=True),
    sa.Column('undone_by', KEY, nullable=True),
    _to('course_move', 'course_id', 'course'),
    _to('course_move', 'crosswalk_id', 'crosswalk'),
    _to('course_move', 'from_version_id', 'framework_version'),
    _to('course_move', 'to_version_id', 'framework_version'),
    _to('course_move', 'moved_by', 'person'),
    _to('course_move', 'undone_by', 'person'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_move'))
    )
    op.create_index(op.f('ix_course_move_course_id'), 'course_move', ['course_id'])
    op.create_table('course_impact',
    sa.Column('course_id', KEY, nullable=False),
    sa.Column('to_version_id', KEY, nullable=False),
    sa.Column('asked_at', base.AwareTime(), nullable=False),
    sa.Column('asked_by', KEY, nullable=True),
    sa.Column('move', sa.Boolean(), nullable=False),
    sa.Column('computed_at', base.AwareTime(), nullable=True),
    sa.Column('persons', KEY, nullable=False),
    sa.Column('gaining', KEY, nullable=False),
    sa.Column('losing', KEY, nullable=False),
    sa.Column('fingerprint', sa.String(length=32), nullable=False),
    sa.Column('fault', sa.String(length=60), nullable=True),
    _to('course_impact', 'course_id', 'course'),
    _to('course_impact', 'to_version_id', 'framework_version'),
    _to('course_impact', 'asked_by', 'person'),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_course_impact'))
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=op.f(f'fk_{table}_{column}_{other}'))


def downgrade() -> None:
    for table in ('course_impact', 'course_move', 'crosswalk', 'framework_choice', 'framework_validity'):
        op.drop_table(table)
