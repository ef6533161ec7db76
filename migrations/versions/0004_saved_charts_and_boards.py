"""saved charts, and the board of a dataset

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-21 14:15:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_chart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("chart_json", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("width", sa.String(length=12), nullable=False),
        sa.Column("height", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_saved_chart_dataset_id_dataset"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_chart")),
        sa.UniqueConstraint("dataset_id", "name", name=op.f("uq_saved_chart_dataset_id")),
    )
    with op.batch_alter_table("saved_chart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_chart_dataset_id"), ["dataset_id"], unique=False)
    op.create_table(
        "board",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_board_dataset_id_dataset"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("dataset_id", name=op.f("uq_board_dataset_id")),
    )


def downgrade() -> None:
    op.drop_table("board")
    with op.batch_alter_table("saved_chart", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_chart_dataset_id"))
    op.drop_table("saved_chart")
