"""Templates of mappings, and copied courses that are settled"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lti_tool.db import base

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('mapping_template',
    sa.Column('id', key, nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('platform_id', key, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('created_at', base.AwareTime(), nullable=False),
    sa.Column('created_by', key, nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_mapping_template_created_by_person')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_mapping_template_platform_id_platform')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mapping_template')),
    sa.UniqueConstraint('platform_id', 'name', name=op.f('uq_mapping_template_platform_id_name')),
    sa.UniqueConstraint('public_id', name=op.f('uq_mapping_template_public_id'))
    )
    op.create_table('course_origin',
    sa.Column('course_id', key, nullable=False),
    sa.Column('settled_at', base.AwareTime(), nullable=False),
    sa.Column('settled_by', key, nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_course_origin_course_id_course')),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], name=op.f('fk_course_origin_settled_by_person')),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_course_origin'))
    )


def downgrade() -> None:
    op.drop_table('course_origin')
    op.drop_table('mapping_template')
