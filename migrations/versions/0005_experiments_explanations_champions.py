"""several runs of a learner, choices, findings and logs of experiments, explanations, champions

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-21 17:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RUN = sa.table("run", sa.column("key", sa.String), sa.column("learner", sa.String))
_NEW = {
    "experiment": {
        "choices_json": (sa.JSON(), "{}"),
        "origin_json": (sa.JSON(), "{}"),
        "findings_json": (sa.JSON(), "[]"),
        "decisions_json": (sa.JSON(), "{}"),
        "log_json": (sa.JSON(), "[]"),
    },
    "run": {"key": (sa.String(length=60), "")},
    "trained_model": {"role": (sa.String(length=12), ""), "notes": (sa.Text(), "")},
}


def upgrade() -> None:
    for table, columns in _NEW.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, (kind, default) in columns.items():
                batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=default))
    op.get_bind().execute(sa.update(_RUN).values(key=_RUN.c.learner))
    for table, columns in _NEW.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_run_experiment_id"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_run_experiment_id"), ["experiment_id", "key"])
    with op.batch_alter_table("trained_model", schema=None) as batch_op:
        batch_op.add_column(sa.Column("threshold_json", sa.JSON(), nullable=True))
    op.create_table(
        "explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("params_json", sa.JSON(), nullable=False),
        sa.Column("result_json", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_explanation_job_id_job")),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["trained_model.id"],
            name=op.f("fk_explanation_model_id_trained_model"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_explanation_owner_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
        sa.UniqueConstraint("model_id", "kind", "asked", name=op.f("uq_explanation_model_id")),
    )
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        for name in ("owner_id", "model_id", "job_id"):
            batch_op.create_index(batch_op.f(f"ix_explanation_{name}"), [name], unique=False)
    op.create_table(
        "champion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_champion_dataset_id_dataset"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["trained_model.id"],
            name=op.f("fk_champion_model_id_trained_model"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_champion")),
    )
    with op.batch_alter_table("champion", schema=None) as batch_op:
        for name in ("dataset_id", "model_id"):
            batch_op.create_index(batch_op.f(f"ix_champion_{name}"), [name], unique=False)


def downgrade() -> None:
    op.drop_table("champion")
    op.drop_table("explanation")
    connection = op.get_bind()
    # Earlier releases keep one run of a learner: the first.
    connection.execute(
        sa.text("DELETE FROM run WHERE id NOT IN (SELECT MIN(id) FROM run GROUP BY experiment_id, learner)")
    )
    with op.batch_alter_table("trained_model", schema=None) as batch_op:
        batch_op.drop_column("threshold_json")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_run_experiment_id"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_run_experiment_id"), ["experiment_id", "learner"])
    for table, columns in _NEW.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.drop_column(name)
