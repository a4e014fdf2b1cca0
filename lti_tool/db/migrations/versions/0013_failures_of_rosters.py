"""Why a roster could not be read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('course_service', schema=None) as batch_op:
        batch_op.add_column(sa.Column('roster_failure', sa.String(length=60), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('course_service', schema=None) as batch_op:
        batch_op.drop_column('roster_failure')
