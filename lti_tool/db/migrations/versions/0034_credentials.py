"""Credentials that people carry away, and the keys that sign badges

Two tables that are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('credential',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=26), nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('person_id', key, nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('course_id', key, nullable=True),
    sa.Column('certified_level', sa.String(length=16), nullable=True),
    sa.Column('locale', sa.String(length=2), nullable=False),
    sa.Column('shows_name', sa.Boolean(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('signed', sa.Text(), nullable=True),
    sa.Column('status_list', sa.SmallInteger(), nullable=True),
    sa.Column('status_index', sa.Integer(), nullable=True),
    sa.Column('issued_at', base.AwareTime(), nullable=False),
    sa.Column('expires_at', base.AwareTime(), nullable=True),
    sa.Column('revoked_at', base.AwareTime(), nullable=True),
    sa.Column('revocation', sa.String(length=12), nullable=True),
    sa.Column('revoked_because', sa.Text(), nullable=False, server_default=''),
    sa.Column('revoked_by', key, nullable=True),
    sa.Column('superseded_by', sa.String(length=26), nullable=True),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_credential_platform_id_platform')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_credential_person_id_person')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_credential_course_id_course')),
    sa.ForeignKeyConstraint(['revoked_by'], ['person.id'], name=op.f('fk_credential_revoked_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('public_id', name=op.f('uq_credential_public_id')),
    sa.UniqueConstraint('status_list', 'status_index', name=op.f('uq_credential_status_list_status_index'))
    )
    for column in ('platform_id', 'person_id', 'course_id', 'certified_level'):
        op.create_index(op.f(f'ix_credential_{column}'), 'credential', [column])
    op.create_table('credential_key',
    sa.Column('kid', sa.String(length=64), nullable=False),
    sa.Column('public_jwk', sa.JSON(), nullable=False),
    sa.Column('created_at', base.AwareTime(), nullable=False),
    sa.Column('retired_at', base.AwareTime(), nullable=True),
    sa.PrimaryKeyConstraint('kid', name=op.f('pk_credential_key'))
    )


def downgrade() -> None:
    op.drop_table('credential_key')
    op.drop_table('credential')
