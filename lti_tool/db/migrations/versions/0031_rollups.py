"""Roll-ups: courses, months and people in figures; words to find people by; who stands at a level

Only tables and indexes; the worker fills them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    sortable = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')
    op.create_table('course_rollup',
    sa.Column('course_id', key, nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('month', sa.SmallInteger(), nullable=False),
    sa.Column('sort_title', sortable, nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('participants', key, nullable=False),
    sa.Column('mapped_indicators', key, nullable=False),
    sa.Column('standings', key, nullable=False),
    sa.Column('established', key, nullable=False),
    sa.Column('undelivered', key, nullable=False),
    sa.Column('framework_version_id', key, nullable=True),
    sa.Column('tally', sa.JSON(), nullable=False),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('as_of', base.AwareTime(), nullable=False),
    sa.Column('due_at', base.AwareTime(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_course_rollup_course_id_course')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_course_rollup_platform_id_platform')),
    sa.ForeignKeyConstraint(['framework_version_id'], ['framework_version.id'],
                            name=op.f('fk_course_rollup_framework_version_id_framework_version')),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_course_rollup'))
    )
    op.create_index(op.f('ix_course_rollup_platform_id_month'), 'course_rollup', ['platform_id', 'month'])
    op.create_index(op.f('ix_course_rollup_due_at'), 'course_rollup', ['due_at'])
    op.create_table('month_rollup',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('framework_version_id', key, nullable=False),
    sa.Column('month', sa.SmallInteger(), nullable=False),
    sa.Column('courses', key, nullable=False),
    sa.Column('tally', sa.JSON(), nullable=False),
    sa.Column('as_of', base.AwareTime(), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_month_rollup_platform_id_platform')),
    sa.ForeignKeyConstraint(['framework_version_id'], ['framework_version.id'],
                            name=op.f('fk_month_rollup_framework_version_id_framework_version')),
    sa.PrimaryKeyConstraint('platform_id', 'framework_version_id', 'month', name=op.f('pk_month_rollup'))
    )
    op.create_table('platform_rollup',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('people', key, nullable=False),
    sa.Column('tally', sa.JSON(), nullable=False),
    sa.Column('as_of', base.AwareTime(), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_platform_rollup_platform_id_platform')),
    sa.PrimaryKeyConstraint('platform_id', name=op.f('pk_platform_rollup'))
    )
    op.create_table('person_word',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('word', sortable, nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_word_person_id_person')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_person_word_platform_id_platform')),
    sa.PrimaryKeyConstraint('platform_id', 'word', 'person_id', name=op.f('pk_person_word'))
    )
    op.create_index(op.f('ix_person_word_person_id'), 'person_word', ['person_id'])
    op.create_index('ix_competency_standing_level', 'competency_standing', ['competency_id', 'established', 'person_id'])


def downgrade() -> None:
    op.drop_index('ix_competency_standing_level', 'competency_standing')
    op.drop_table('person_word')
    op.drop_table('platform_rollup')
    op.drop_table('month_rollup')
    op.drop_table('course_rollup')
