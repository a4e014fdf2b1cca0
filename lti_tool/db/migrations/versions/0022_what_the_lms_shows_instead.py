"""What the LMS shows instead of what was sent: comparisons, findings, decisions

Nothing is done to `delivery` itself: workers of the version before go on with it meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('comparison',
    sa.Column('line_item_id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('asked_at', base.AwareTime(), nullable=True),
    sa.Column('taken_until', base.AwareTime(), nullable=True),
    sa.Column('tried_at', base.AwareTime(), nullable=True),
    sa.Column('compared_at', base.AwareTime(), nullable=True),
    sa.Column('fault', sa.String(length=60), nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_comparison_course_id_course')),
    sa.ForeignKeyConstraint(['line_item_id'], ['line_item.id'], name=op.f('fk_comparison_line_item_id_line_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('line_item_id', name=op.f('pk_comparison'))
    )
    op.create_index('ix_comparison_course_id', 'comparison', ['course_id'])
    op.create_index(
        'ix_comparison_asked_at',
        'comparison',
        ['asked_at'],
        postgresql_where=sa.text('asked_at IS NOT NULL'),
        sqlite_where=sa.text('asked_at IS NOT NULL'),
    )
    op.create_table('drift',
    sa.Column('delivery_id', key, nullable=False),
    sa.Column('course_id', key, nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('given', base.ExactMark(), nullable=True),
    sa.Column('maximum', base.ExactMark(), nullable=True),
    sa.Column('held_at', base.AwareTime(), nullable=True),
    sa.Column('found_at', base.AwareTime(), nullable=False),
    sa.Column('decision', sa.String(length=8), nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_drift_course_id_course')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_drift_delivery_id_delivery'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('delivery_id', name=op.f('pk_drift'))
    )
    op.create_index('ix_drift_course_id', 'drift', ['course_id'])
    op.create_table('drift_event',
    sa.Column('id', key, nullable=False),
    sa.Column('delivery_id', key, nullable=False),
    sa.Column('what', sa.String(length=8), nullable=False),
    sa.Column('given', base.ExactMark(), nullable=True),
    sa.Column('maximum', base.ExactMark(), nullable=True),
    sa.Column('decided_by', key, nullable=True),
    sa.Column('at', base.AwareTime(), nullable=False),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_drift_event_decided_by_person')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_drift_event_delivery_id_delivery'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drift_event'))
    )
    op.create_index('ix_drift_event_delivery_id', 'drift_event', ['delivery_id'])


def downgrade() -> None:
    # The version before knows neither the state nor the answer: such grades wait for somebody who decides.
    op.execute("UPDATE delivery SET state = 'held', last_answer = 'newer_there' WHERE state = 'detached'")
    op.execute("UPDATE delivery SET last_answer = 'newer_there' WHERE last_answer = 'differs'")
    op.drop_table('drift_event')
    op.drop_table('drift')
    op.drop_table('comparison')
