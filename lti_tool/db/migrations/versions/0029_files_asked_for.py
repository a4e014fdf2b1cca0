"""Exports: files that somebody asked for and a worker makes, kept for an hour

Only a table, so that workers of the version before go on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('export',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('course_id', key, nullable=True),
    sa.Column('asked_by', sa.String(length=40), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('asked_at', base.AwareTime(), nullable=False),
    sa.Column('token', sa.String(length=16), nullable=True),
    sa.Column('free_at', base.AwareTime(), nullable=True),
    sa.Column('tries', sa.SmallInteger(), nullable=False, server_default='0'),
    sa.Column('done', key, nullable=False, server_default='0'),
    sa.Column('total', key, nullable=True),
    sa.Column('ended_at', base.AwareTime(), nullable=True),
    sa.Column('failure', sa.String(length=60), nullable=True),
    sa.Column('shelf_name', sa.String(length=32), nullable=True),
    sa.Column('file_name', sa.String(length=80), nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_export_course_id_course')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_export_platform_id_platform')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export')),
    sa.UniqueConstraint('public_id', name=op.f('uq_export_public_id'))
    )
    op.create_index(op.f('ix_export_asked_by'), 'export', ['asked_by'])
    op.create_index(op.f('ix_export_course_id'), 'export', ['course_id'])
    op.create_index(op.f('ix_export_ended_at'), 'export', ['ended_at'])
    op.create_index(op.f('ix_export_platform_id'), 'export', ['platform_id'])


def downgrade() -> None:
    op.drop_table('export')
