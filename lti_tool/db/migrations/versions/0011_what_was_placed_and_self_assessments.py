"""What was placed, and self-assessments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('picked_item',
    sa.Column('id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('uid', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('points', sa.SmallInteger(), nullable=True),
    sa.Column('picked_by', key, nullable=False),
    sa.Column('picked_at', base.AwareTime(), nullable=False),
    sa.Column('activity_id', key, nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_picked_item_activity_id_activity'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_picked_item_course_id_course'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['picked_by'], ['person.id'], name=op.f('fk_picked_item_picked_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picked_item')),
    sa.UniqueConstraint('course_id', 'uid', name=op.f('uq_picked_item_course_id_uid'))
    )
    op.create_table('self_assessment',
    sa.Column('id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('activity_id', key, nullable=False),
    sa.Column('saved_at', base.AwareTime(), nullable=False),
    sa.Column('submitted_at', base.AwareTime(), nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_self_assessment_activity_id_activity')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_self_assessment_course_id_course')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_self_assessment_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_self_assessment'))
    )
    op.create_index(op.f('ix_self_assessment_course_id_person_id'), 'self_assessment', ['course_id', 'person_id'])
    op.create_index(op.f('ix_self_assessment_person_id'), 'self_assessment', ['person_id'])
    op.create_table('self_answer',
    sa.Column('self_assessment_id', key, nullable=False),
    sa.Column('indicator_id', key, nullable=False),
    sa.Column('step', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_self_answer_indicator_id_indicator')),
    sa.ForeignKeyConstraint(['self_assessment_id'], ['self_assessment.id'], name=op.f('fk_self_answer_self_assessment_id_self_assessment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('self_assessment_id', 'indicator_id', name=op.f('pk_self_answer'))
    )


def downgrade() -> None:
    op.drop_table('self_answer')
    op.drop_table('self_assessment')
    op.drop_table('picked_item')
