"""A decision keeps the number and the elements that the officer saw, beside the proposal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; of decisions made before nobody knows any more."""
    op.add_column("decision", sa.Column("recorded_nik", sa.Text(), nullable=True))
    op.add_column("decision", sa.Column("elements", sa.Text(), nullable=True))
