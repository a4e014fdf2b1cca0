"""Errands: what people ask workers for, with progress; whom the last roster brought and missed

Only a table, and columns that may be empty, so that workers of the version before go on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('errand',
    sa.Column('course_id', key, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('asked_by', key, nullable=True),
    sa.Column('asked_at', base.AwareTime(), nullable=False),
    sa.Column('token', sa.String(length=16), nullable=True),
    sa.Column('free_at', base.AwareTime(), nullable=True),
    sa.Column('tries', sa.SmallInteger(), nullable=False, server_default='0'),
    sa.Column('answers', key, nullable=False, server_default='0'),
    sa.Column('done', key, nullable=False, server_default='0'),
    sa.Column('total', key, nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_errand_asked_by_person')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_errand_course_id_course')),
    sa.PrimaryKeyConstraint('course_id', 'kind', name=op.f('pk_errand'))
    )
    op.create_index(op.f('ix_errand_asked_by'), 'errand', ['asked_by'])
    with op.batch_alter_table('course_service') as table:
        table.add_column(sa.Column('roster_joined', key, nullable=True))
        table.add_column(sa.Column('roster_left', key, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('course_service') as table:
        table.drop_column('roster_left')
        table.drop_column('roster_joined')
    op.drop_table('errand')
