"""Everybody by name, who teaches where, and whose cells of mappings: indexes.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db.online import build_index

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    build_index('ix_person_word_first', 'person_word', ['platform_id', 'word', 'person_id'], where=sa.text('first'))
    staff = sa.text("staff_launched_at IS NOT NULL OR roster_role = 'trainer'")
    build_index('ix_membership_staff', 'membership', ['person_id', 'course_id'], where=staff)
    build_index('ix_mapping_created_by', 'mapping', ['created_by'])


def downgrade() -> None:
    op.drop_index(op.f('ix_mapping_created_by'), 'mapping')
    op.drop_index('ix_membership_staff', 'membership')
    op.drop_index('ix_person_word_first', 'person_word')
