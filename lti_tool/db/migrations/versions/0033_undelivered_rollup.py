"""What of a platform has not arrived, kept by the worker.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('undelivered_rollup',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('courses', sa.JSON(), nullable=False),
    sa.Column('as_of', base.AwareTime(), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_undelivered_rollup_platform_id_platform')),
    sa.PrimaryKeyConstraint('platform_id', name=op.f('pk_undelivered_rollup'))
    )


def downgrade() -> None:
    op.drop_table('undelivered_rollup')
