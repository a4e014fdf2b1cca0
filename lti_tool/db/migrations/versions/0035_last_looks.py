"""When somebody last looked at their tasks, and mappings by what they show

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('last_look',
    sa.Column('course_id', key, nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('looked_at', base.AwareTime(), nullable=False),
    sa.Column('new_since', base.AwareTime(), nullable=False),
    sa.Column('levels', sa.JSON(), nullable=False),
    sa.Column('levels_before', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_last_look_course_id_course')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_last_look_person_id_person')),
    sa.PrimaryKeyConstraint('course_id', 'person_id', name=op.f('pk_last_look'))
    )
    op.create_index(op.f('ix_last_look_person_id'), 'last_look', ['person_id'], unique=False)
    op.create_index(op.f('ix_mapping_indicator_id_course_id_activity_id'), 'mapping',
                    ['indicator_id', 'course_id', 'activity_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_mapping_indicator_id_course_id_activity_id'), 'mapping')
    op.drop_index(op.f('ix_last_look_person_id'), 'last_look')
    op.drop_table('last_look')
