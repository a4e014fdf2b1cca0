"""Columns to be found, made or read back, without reading all there are: an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db.online import build_index

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index('ix_line_item_due', 'line_item', ['due_at'], where=sa.text('due_at IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_line_item_due', 'line_item')
