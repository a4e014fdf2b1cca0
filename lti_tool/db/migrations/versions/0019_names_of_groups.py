"""Names of a course's groups"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('course_group',
    sa.Column('course_id', key, nullable=False),
    sa.Column('external_id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=254), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_course_group_course_id_course')),
    sa.PrimaryKeyConstraint('course_id', 'external_id', name=op.f('pk_course_group'))
    )


def downgrade() -> None:
    op.drop_table('course_group')
