"""wishes and roles of columns, correlations, uploads of further versions

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-21 11:00:00
"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_version = sa.table(
    'version', sa.column('id', sa.Integer), sa.column('kinds', sa.JSON), sa.column('wishes_json', sa.JSON)
)


def upgrade() -> None:
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dataset_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('sha256', sa.String(length=64), nullable=True))
        batch_op.drop_column('purpose')
        batch_op.create_index(batch_op.f('ix_upload_dataset_id'), ['dataset_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_upload_dataset_id_dataset'), 'dataset', ['dataset_id'], ['id'], ondelete='CASCADE'
        )
    with op.batch_alter_table('version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('wishes_json', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('roles', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('correlations_json', sa.JSON(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_version.c.id, _version.c.kinds)).all():
        if row.kinds:
            wishes = {'columns': {name: {'kind': kind} for name, kind in row.kinds.items()}}
            connection.execute(
                sa.update(_version).where(_version.c.id == row.id).values(wishes_json=wishes)
            )
    with op.batch_alter_table('version', schema=None) as batch_op:
        batch_op.alter_column('wishes_json', server_default=None)
        batch_op.alter_column('roles', server_default=None)
        batch_op.drop_column('kinds')


def downgrade() -> None:
    with op.batch_alter_table('version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kinds', sa.JSON(), nullable=False, server_default='{}'))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_version.c.id, _version.c.wishes_json)).all():
        columns = (row.wishes_json or {}).get('columns', {})
        kinds = {name: wish['kind'] for name, wish in columns.items() if wish.get('kind')}
        connection.execute(sa.update(_version).where(_version.c.id == row.id).values(kinds=kinds))
    with op.batch_alter_table('version', schema=None) as batch_op:
        batch_op.alter_column('kinds', server_default=None)
        batch_op.drop_column('correlations_json')
        batch_op.drop_column('roles')
        batch_op.drop_column('wishes_json')
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('purpose', sa.String(length=32), nullable=False, server_default='dataset')
        )
        batch_op.drop_constraint(batch_op.f('fk_upload_dataset_id_dataset'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_upload_dataset_id'))
        batch_op.drop_column('sha256')
        batch_op.drop_column('dataset_id')
