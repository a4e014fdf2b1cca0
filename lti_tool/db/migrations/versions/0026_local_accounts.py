"""Local accounts: who enters without an LMS, their sessions and codes, counted tries; names of deployments, languages

Tables of their own: the version before knows neither them nor the sessions in them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('account',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('login', sa.String(length=80), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('platform_id', key, nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('created_at', base.AwareTime(), nullable=False),
    sa.Column('disabled_at', base.AwareTime(), nullable=True),
    sa.Column('entered_at', base.AwareTime(), nullable=True),
    sa.Column('codes_secret', sa.Text(), nullable=True),
    sa.Column('codes_offered', sa.Text(), nullable=True),
    sa.Column('codes_step', key, nullable=True),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_account_platform_id_platform')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('login', name=op.f('uq_account_login')),
    sa.UniqueConstraint('public_id', name=op.f('uq_account_public_id'))
    )
    op.create_index(op.f('ix_account_platform_id'), 'account', ['platform_id'])
    op.create_table('account_session',
    sa.Column('id', key, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', key, nullable=False),
    sa.Column('platform_id', key, nullable=True),
    sa.Column('person_id', key, nullable=True),
    sa.Column('created_at', base.AwareTime(), nullable=False),
    sa.Column('seen_at', base.AwareTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_session_account_id_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_session_person_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_account_session_platform_id_platform')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_account_session_token_hash'))
    )
    op.create_index(op.f('ix_account_session_account_id'), 'account_session', ['account_id'])
    op.create_index(op.f('ix_account_session_person_id'), 'account_session', ['person_id'])
    op.create_index(op.f('ix_account_session_seen_at'), 'account_session', ['seen_at'])
    op.create_table('recovery_code',
    sa.Column('account_id', key, nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recovery_code_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'code_hash', name=op.f('pk_recovery_code'))
    )
    op.create_table('entry_throttle',
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('tries', key, nullable=False, server_default='0'),
    sa.Column('free_at', base.AwareTime(), nullable=False),
    sa.Column('forgotten_at', base.AwareTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_entry_throttle'))
    )
    op.create_index(op.f('ix_entry_throttle_forgotten_at'), 'entry_throttle', ['forgotten_at'])
    with op.batch_alter_table('deployment') as table:
        table.add_column(sa.Column('name', sa.Text(), nullable=False, server_default=''))
    with op.batch_alter_table('platform') as table:
        table.add_column(sa.Column('locale', sa.String(length=8), nullable=True))
        table.add_column(sa.Column('locales', sa.String(length=40), nullable=True))


def downgrade() -> None:
    # In place: other tables point to this one, and a batch would make it anew.
    op.drop_column('platform', 'locales')
    op.drop_column('platform', 'locale')
    with op.batch_alter_table('deployment') as table:
        table.drop_column('name')
    for name in ('entry_throttle', 'recovery_code', 'account_session', 'account'):
        op.drop_table(name)
