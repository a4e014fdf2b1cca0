"""Channels of platforms: how much at once, how fast, how many failures in a row

Only additions with defaults and an index, so that workers of the version before go on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

DUE = 'due_at IS NOT NULL'


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    with op.batch_alter_table('platform_channel') as table:
        table.add_column(sa.Column('concurrency', sa.SmallInteger(), nullable=False, server_default='4'))
        table.add_column(sa.Column('rate', key, nullable=True))
        table.add_column(sa.Column('free_at', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('served_at', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('proven_until', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('failures', sa.SmallInteger(), nullable=False, server_default='0'))
    op.execute(
        'INSERT INTO platform_channel (platform_id) SELECT id FROM platform'
        ' WHERE id NOT IN (SELECT platform_id FROM platform_channel)'
    )
    op.create_table('delivery_lane',
    sa.Column('owner', sa.String(length=80), nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_delivery_lane_platform_id_platform')),
    sa.PrimaryKeyConstraint('owner', name=op.f('pk_delivery_lane'))
    )
    op.create_table('delivery_tally',
    sa.Column('platform_id', key, nullable=False),
    sa.Column('answer', sa.String(length=60), nullable=False),
    sa.Column('count', key, nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_delivery_tally_platform_id_platform')),
    sa.PrimaryKeyConstraint('platform_id', 'answer', name=op.f('pk_delivery_tally'))
    )
    with op.batch_alter_table('access_token') as table:
        table.add_column(sa.Column('asking_until', sa.DateTime(timezone=True), nullable=True))
    op.drop_index('ix_delivery_due', 'delivery')
    op.create_index(
        'ix_delivery_due',
        'delivery',
        ['platform_id', 'due_at'],
        postgresql_where=sa.text(DUE),
        sqlite_where=sa.text(DUE),
    )


def downgrade() -> None:
    op.drop_index('ix_delivery_due', 'delivery')
    op.create_index(
        'ix_delivery_due', 'delivery', ['due_at'], postgresql_where=sa.text(DUE), sqlite_where=sa.text(DUE)
    )
    with op.batch_alter_table('access_token') as table:
        table.drop_column('asking_until')
    op.drop_table('delivery_tally')
    op.drop_table('delivery_lane')
    # A row said "paused" before, whatever stood in it.
    op.execute('DELETE FROM platform_channel WHERE paused_until IS NULL')
    with op.batch_alter_table('platform_channel') as table:
        for name in ('failures', 'proven_until', 'served_at', 'free_at', 'rate', 'concurrency'):
            table.drop_column(name)
