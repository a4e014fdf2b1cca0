"""Closing a course"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

LEVELS = 'course_id', 'person_id', 'competency_id', 'level'


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    with op.batch_alter_table('certified_level') as table:
        table.drop_constraint('uq_certified_level_course_id_person_id_competency_id_level', type_='unique')
        table.add_column(sa.Column('rule_set_id', key, nullable=True))
        table.add_column(sa.Column('ended_at', base.AwareTime(), nullable=True))
        table.create_foreign_key(op.f('fk_certified_level_rule_set_id_rule_set'), 'rule_set', ['rule_set_id'], ['id'])
        table.create_index(op.f('ix_certified_level_course_id_person_id'), ['course_id', 'person_id'])
    op.create_table('closure',
    sa.Column('id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('said_at', base.AwareTime(), nullable=False),
    sa.Column('said_by', key, nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_closure_course_id_course')),
    sa.ForeignKeyConstraint(['said_by'], ['person.id'], name=op.f('fk_closure_said_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closure'))
    )
    op.create_index(op.f('ix_closure_course_id'), 'closure', ['course_id'])
    op.create_table('regrade_case',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('competency_id', key, nullable=False),
    sa.Column('frozen', sa.SmallInteger(), nullable=True),
    sa.Column('computed', sa.SmallInteger(), nullable=True),
    sa.Column('opened_at', base.AwareTime(), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('settled_at', base.AwareTime(), nullable=True),
    sa.Column('settled_by', key, nullable=True),
    sa.ForeignKeyConstraint(['competency_id'], ['competency.id'],
                            name=op.f('fk_regrade_case_competency_id_competency')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_regrade_case_course_id_course')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_regrade_case_person_id_person')),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], name=op.f('fk_regrade_case_settled_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regrade_case')),
    sa.UniqueConstraint('public_id', name=op.f('uq_regrade_case_public_id'))
    )
    op.create_index(op.f('ix_regrade_case_course_id_person_id_competency_id'), 'regrade_case',
                    ['course_id', 'person_id', 'competency_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_regrade_case_course_id_person_id_competency_id'), table_name='regrade_case')
    op.drop_table('regrade_case')
    op.drop_index(op.f('ix_closure_course_id'), table_name='closure')
    op.drop_table('closure')
    # What had ended did not exist before, and without it every level is there once.
    op.execute(sa.text('DELETE FROM certified_level WHERE ended_at IS NOT NULL'))
    with op.batch_alter_table('certified_level') as table:
        table.drop_index(op.f('ix_certified_level_course_id_person_id'))
        table.drop_constraint(op.f('fk_certified_level_rule_set_id_rule_set'), type_='foreignkey')
        table.drop_column('ended_at')
        table.drop_column('rule_set_id')
        table.create_unique_constraint(op.f('uq_certified_level_course_id_person_id_competency_id_level'), LEVELS)
