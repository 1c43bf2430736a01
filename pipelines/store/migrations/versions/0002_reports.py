"""Every published report is kept, to be had again and compared with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create ``report``; what was published before is not in it."""
    op.create_table(
        "report",
        sa.Column("run_date", sa.Date(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("trend", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_date", name=op.f("pk_report")),
    )
