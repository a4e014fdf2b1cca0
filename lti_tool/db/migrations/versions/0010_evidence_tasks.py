"""Evidence tasks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('task',
    sa.Column('activity_id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('instructions', sa.Text(), nullable=False),
    sa.Column('due_at', base.AwareTime(), nullable=True),
    sa.Column('version', key, nullable=False),
    sa.Column('changed_at', base.AwareTime(), nullable=False),
    sa.Column('changed_by', key, nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_task_activity_id_activity')),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], name=op.f('fk_task_changed_by_person')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_task_course_id_course')),
    sa.PrimaryKeyConstraint('activity_id', name=op.f('pk_task'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_task_course_id'), ['course_id'], unique=False)

    op.create_table('submission',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('activity_id', key, nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('attempt', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('links', sa.JSON(), nullable=False),
    sa.Column('version', key, nullable=False),
    sa.Column('saved_at', base.AwareTime(), nullable=False),
    sa.Column('handed_in_at', base.AwareTime(), nullable=True),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_submission_activity_id_activity')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_submission_course_id_course')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_submission_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission')),
    sa.UniqueConstraint('course_id', 'activity_id', 'person_id', 'attempt', name=op.f('uq_submission_course_id_activity_id_person_id_attempt')),
    sa.UniqueConstraint('public_id', name=op.f('uq_submission_public_id'))
    )
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_submission_course_id_state_handed_in_at'), ['course_id', 'state', 'handed_in_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_submission_person_id'), ['person_id'], unique=False)

    op.create_table('file',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('submission_id', key, nullable=False),
    sa.Column('is_feedback', sa.Boolean(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', key, nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('shelf_name', sa.String(length=32), nullable=False),
    sa.Column('sent_at', base.AwareTime(), nullable=False),
    sa.Column('sent_by', key, nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_file_course_id_course')),
    sa.ForeignKeyConstraint(['sent_by'], ['person.id'], name=op.f('fk_file_sent_by_person')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_file_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file')),
    sa.UniqueConstraint('public_id', name=op.f('uq_file_public_id')),
    sa.UniqueConstraint('shelf_name', name=op.f('uq_file_shelf_name'))
    )
    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_file_submission_id'), ['submission_id'], unique=False)

    op.create_table('assessment',
    sa.Column('id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('submission_id', key, nullable=False),
    sa.Column('version', key, nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('assessed_at', base.AwareTime(), nullable=False),
    sa.Column('assessed_by', key, nullable=False),
    sa.ForeignKeyConstraint(['assessed_by'], ['person.id'], name=op.f('fk_assessment_assessed_by_person')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_assessment_course_id_course')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_assessment_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment')),
    sa.UniqueConstraint('submission_id', 'version', name=op.f('uq_assessment_submission_id_version'))
    )


def downgrade() -> None:
    for table in ('assessment', 'file', 'submission', 'task'):
        op.drop_table(table)
