"""The lead trainer of a course, and the history of voided evidence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('course_lead',
    sa.Column('id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('named_at', base.AwareTime(), nullable=False),
    sa.Column('named_by', key, nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_course_lead_course_id_course')),
    sa.ForeignKeyConstraint(['named_by'], ['person.id'], name=op.f('fk_course_lead_named_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_course_lead_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_lead'))
    )
    with op.batch_alter_table('course_lead', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_course_lead_course_id'), ['course_id'], unique=False)
    op.create_table('evidence_voiding',
    sa.Column('id', key, nullable=False),
    sa.Column('evidence_id', key, nullable=False),
    sa.Column('voided', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('said_at', base.AwareTime(), nullable=False),
    sa.Column('said_by', key, nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_voiding_evidence_id_evidence')),
    sa.ForeignKeyConstraint(['said_by'], ['person.id'], name=op.f('fk_evidence_voiding_said_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_voiding'))
    )
    with op.batch_alter_table('evidence_voiding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_voiding_evidence_id'), ['evidence_id'], unique=False)


def downgrade() -> None:
    op.drop_table('evidence_voiding')
    op.drop_table('course_lead')
