"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table; there is no way back but a backup."""
    op.create_table(
        "decision_file",
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("file_sha256", name=op.f("pk_decision_file")),
    )
    op.create_table(
        "item_event",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("run_date", sa.Date(), nullable=True),
        sa.Column("item_id", sa.String(length=24), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_item_event")),
    )
    op.create_index(op.f("ix_item_event_item_id"), "item_event", ["item_id"], unique=False)
    op.create_table(
        "ledger_head",
        sa.Column("head_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("head_id", name=op.f("pk_ledger_head")),
    )
    op.execute(f"INSERT INTO ledger_head (head_id, events, hash) VALUES (1, 0, '{'0' * 64}')")
    op.create_table(
        "run",
        sa.Column("run_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code_version", sa.String(length=64), nullable=False),
        sa.Column("config_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("was_published", sa.Boolean(), nullable=False),
        sa.Column("outbox_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("run_date", name=op.f("pk_run")),
    )
    op.create_table(
        "decision",
        sa.Column(
            "decision_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("proposed_nik", sa.String(length=16), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["decision_file.file_sha256"], name=op.f("fk_decision_file_sha256_decision_file")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_item_id"), "decision", ["item_id"], unique=False)
    op.create_table(
        "gate_result",
        sa.Column("run_date", sa.Date(), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=120), nullable=False),
        sa.Column("expectation", sa.String(length=160), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("observed", sa.Float(), nullable=True),
        sa.Column("unexpected", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_date"], ["run.run_date"], name=op.f("fk_gate_result_run_date_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_date", "gate", "table_name", "expectation", name=op.f("pk_gate_result")),
    )
    op.create_table(
        "item_state",
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("run_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=63), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("source_record_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("recorded_nik", sa.Text(), nullable=True),
        sa.Column("proposed_nik", sa.String(length=16), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("elements", sa.Text(), nullable=True),
        sa.Column("related", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_date"], ["run.run_date"], name=op.f("fk_item_state_run_date_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "run_date", name=op.f("pk_item_state")),
    )
    op.create_index("ix_item_state_run_date", "item_state", ["run_date"], unique=False)
    op.create_table(
        "run_count",
        sa.Column("run_date", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("measure", sa.String(length=160), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_date"], ["run.run_date"], name=op.f("fk_run_count_run_date_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_date", "source", "measure", name=op.f("pk_run_count")),
    )
