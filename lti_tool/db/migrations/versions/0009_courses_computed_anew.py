"""Courses being computed anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('job',
    sa.Column('course_id', key, nullable=False),
    sa.Column('total', key, nullable=False),
    sa.Column('done', key, nullable=False),
    sa.Column('reached', key, nullable=False),
    sa.Column('began_at', base.AwareTime(), nullable=False),
    sa.Column('finished_at', base.AwareTime(), nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_job_course_id_course')),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_finished_at'), ['finished_at'], unique=False)


def downgrade() -> None:
    op.drop_table('job')
