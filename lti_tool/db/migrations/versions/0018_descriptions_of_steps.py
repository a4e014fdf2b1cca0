"""Descriptions of the rubric's steps"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('rubric',
    sa.Column('course_id', key, nullable=False),
    sa.Column('indicator_id', key, nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('changed_at', base.AwareTime(), nullable=False),
    sa.Column('changed_by', key, nullable=True),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], name=op.f('fk_rubric_changed_by_person')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_rubric_course_id_course')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_rubric_indicator_id_indicator')),
    sa.PrimaryKeyConstraint('course_id', 'indicator_id', name=op.f('pk_rubric'))
    )


def downgrade() -> None:
    op.drop_table('rubric')
