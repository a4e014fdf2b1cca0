"""Why a course could not be computed anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('failures', sa.SmallInteger(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('retry_at', base.AwareTime(), nullable=True))
        batch_op.add_column(sa.Column('fault', sa.String(length=60), nullable=True))
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.alter_column('failures', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('fault')
        batch_op.drop_column('retry_at')
        batch_op.drop_column('failures')
