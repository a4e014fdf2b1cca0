"""The language that a person has chosen on a page, which goes before what their LMS says: a column that may be empty.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('chosen_locale', sa.String(length=8), nullable=True))


def downgrade() -> None:
    op.drop_column('person', 'chosen_locale')
