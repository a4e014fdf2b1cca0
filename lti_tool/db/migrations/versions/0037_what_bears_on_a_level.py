"""Whose indicators are judged, disputed or to be looked at again, found without reading everybody's: an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db.online import build_index

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index('ix_attainment_flagged', 'attainment', ['course_id'],
                where=sa.text('by_judgement OR disputed OR review_due'))


def downgrade() -> None:
    op.drop_index('ix_attainment_flagged', 'attainment')
