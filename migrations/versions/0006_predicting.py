"""tokens of the API, batches from datasets, files and checks of models

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-21 20:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BATCH = {
    "source_kind": (sa.String(length=12), "file"),
    "sheet": (sa.String(length=255), ""),
    "level": (sa.Double(), "0.9"),
    "unreadable_as_missing": (sa.Boolean(), sa.false()),
}
_TABLES = {"version_id": "version", "token_id": "api_token"}


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("start", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_api_token_owner_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_api_token_owner_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_owner_id"), ["owner_id"], unique=False)
    _add_to_batch()
    op.create_table(
        "model_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=160), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("facts_json", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_model_file_job_id_job")),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["trained_model.id"],
            name=op.f("fk_model_file_model_id_trained_model"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_model_file_owner_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_file")),
        sa.UniqueConstraint("model_id", "kind", name=op.f("uq_model_file_model_id")),
    )
    with op.batch_alter_table("model_file", schema=None) as batch_op:
        for name in ("owner_id", "model_id", "job_id"):
            batch_op.create_index(batch_op.f(f"ix_model_file_{name}"), [name], unique=False)
    with op.batch_alter_table("trained_model", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified_json", sa.JSON(), nullable=True))


def _add_to_batch() -> None:
    with op.batch_alter_table("batch", schema=None) as batch_op:
        for name, (kind, default) in _BATCH.items():
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        for name, table in _TABLES.items():
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_batch_{name}"), [name], unique=False)
            batch_op.create_foreign_key(
                batch_op.f(f"fk_batch_{name}_{table}"), table, [name], ["id"], ondelete="SET NULL"
            )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        for name in _BATCH:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("trained_model", schema=None) as batch_op:
        batch_op.drop_column("verified_json")
    op.drop_table("model_file")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        for name, table in _TABLES.items():
            batch_op.drop_constraint(batch_op.f(f"fk_batch_{name}_{table}"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_batch_{name}"))
        for name in (*_BATCH, *_TABLES):
            batch_op.drop_column(name)
    op.drop_table("api_token")
