"""Tokens by which other systems read the API, and indexes by which it pages

Only a table and indexes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('api_token',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('start', sa.String(length=16), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', base.AwareTime(), nullable=False),
    sa.Column('created_by', key, nullable=True),
    sa.Column('expires_at', base.AwareTime(), nullable=True),
    sa.Column('revoked_at', base.AwareTime(), nullable=True),
    sa.Column('used_at', base.AwareTime(), nullable=True),
    sa.Column('rate', sa.SmallInteger(), nullable=False, server_default='600'),
    sa.Column('minute', key, nullable=False, server_default='0'),
    sa.Column('taken', sa.SmallInteger(), nullable=False, server_default='0'),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_api_token_created_by_person')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_api_token_platform_id_platform')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('public_id', name=op.f('uq_api_token_public_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash'))
    )
    op.create_index(op.f('ix_api_token_platform_id_id'), 'api_token', ['platform_id', 'id'])
    op.create_index(op.f('ix_course_platform_id_created_at_public_id'), 'course', ['platform_id', 'created_at', 'public_id'])
    op.create_index(op.f('ix_person_platform_id_updated_at_public_id'), 'person', ['platform_id', 'updated_at', 'public_id'])
    op.create_index(op.f('ix_delivery_platform_id_state_wanted_at_public_id'), 'delivery', ['platform_id', 'state', 'wanted_at', 'public_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_delivery_platform_id_state_wanted_at_public_id'), 'delivery')
    op.drop_index(op.f('ix_person_platform_id_updated_at_public_id'), 'person')
    op.drop_index(op.f('ix_course_platform_id_created_at_public_id'), 'course')
    op.drop_table('api_token')
