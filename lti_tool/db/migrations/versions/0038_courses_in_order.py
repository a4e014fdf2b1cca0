"""The institute's courses in the order in which pages list them, without reading what was counted of each: indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db.online import build_index

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index('ix_course_rollup_by_month', 'course_rollup',
                ['platform_id', sa.text('month DESC'), 'sort_title', 'course_id'],
                beside=['closed', 'mapped_indicators', 'undelivered'])
    build_index('ix_course_rollup_by_title', 'course_rollup', ['platform_id', 'sort_title', 'course_id'])


def downgrade() -> None:
    op.drop_index('ix_course_rollup_by_title', 'course_rollup')
    op.drop_index('ix_course_rollup_by_month', 'course_rollup')
