"""Drafts of mappings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0008'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('mapping_draft',
    sa.Column('course_id', key, nullable=False),
    sa.Column('activity_id', key, nullable=False),
    sa.Column('indicator_id', key, nullable=False),
    sa.Column('weight', sa.SmallInteger(), nullable=True),
    sa.Column('role', sa.String(length=12), nullable=True),
    sa.Column('pass_mark', base.ExactMark(), nullable=True),
    sa.Column('drafted_at', base.AwareTime(), nullable=False),
    sa.Column('drafted_by', key, nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_mapping_draft_activity_id_activity')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_mapping_draft_course_id_course')),
    sa.ForeignKeyConstraint(['drafted_by'], ['person.id'], name=op.f('fk_mapping_draft_drafted_by_person')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_mapping_draft_indicator_id_indicator')),
    sa.PrimaryKeyConstraint('course_id', 'activity_id', 'indicator_id', name=op.f('pk_mapping_draft'))
    )


def downgrade() -> None:
    op.drop_table('mapping_draft')
