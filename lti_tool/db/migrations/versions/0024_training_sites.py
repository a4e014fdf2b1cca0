"""Training sites of an institute, and what each has of the equipment that the requirements list

Only tables, so that workers of the version before go on beside them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('training_site',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('created_at', base.AwareTime(), nullable=False),
    sa.Column('created_by', key, nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_training_site_created_by_person')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_training_site_platform_id_platform')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_site')),
    sa.UniqueConstraint('platform_id', 'name', name=op.f('uq_training_site_platform_id_name')),
    sa.UniqueConstraint('public_id', name=op.f('uq_training_site_public_id'))
    )
    op.create_index(op.f('ix_training_site_created_by'), 'training_site', ['created_by'])
    op.create_table('site_check',
    sa.Column('site_id', key, nullable=False),
    sa.Column('item', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=False),
    sa.Column('checked_by', key, nullable=True),
    sa.Column('changed_at', base.AwareTime(), nullable=False),
    sa.CheckConstraint("state IN ('present', 'partly', 'missing')", name=op.f('ck_site_check_state')),
    sa.ForeignKeyConstraint(['checked_by'], ['person.id'], name=op.f('fk_site_check_checked_by_person')),
    sa.ForeignKeyConstraint(['site_id'], ['training_site.id'], name=op.f('fk_site_check_site_id_training_site')),
    sa.PrimaryKeyConstraint('site_id', 'item', name=op.f('pk_site_check'))
    )
    op.create_index(op.f('ix_site_check_checked_by'), 'site_check', ['checked_by'])


def downgrade() -> None:
    op.drop_table('site_check')
    op.drop_table('training_site')
