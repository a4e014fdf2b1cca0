"""Deliveries that have not arrived, found without reading those that have"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db.online import build_index

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index(
        'ix_delivery_unsettled',
        'delivery',
        ['platform_id', 'state', 'last_answer', 'due_at', 'wanted_at'],
        where=sa.text("state <> 'sent'"),
    )


def downgrade() -> None:
    op.drop_index('ix_delivery_unsettled', table_name='delivery')
