"""The store's tables: what the office and the auditors must find again, and no population record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Fixed constraint names, so that a later migration can find them on either server."""

# SQLite numbers rows by itself only for a column of its own INTEGER type.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Every table of the store."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, str: Text}  # noqa: RUF012


class Run(Base):
    """One run for one date. ``state``: recorded (in the store, folder not yet in place), published, failed.

    A rerun of a date replaces that date's row and all that hangs on it; the ledger keeps both. Between the
    two states of a rerun the folder of the earlier run still stands: ``was_published`` says so.
    """

    __tablename__ = "run"

    run_date: Mapped[date] = mapped_column(Date, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    code_version: Mapped[str] = mapped_column(String(64))
    config_sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None]  # of a failed run
    sources: Mapped[dict[str, Any]] = mapped_column(default=dict)  # name: whether it was read
    was_published: Mapped[bool] = mapped_column(default=False)  # by an earlier run of this date
    outbox_sha256: Mapped[str | None] = mapped_column(String(64))  # of what was published


class RunCount(Base):
    """The account of a run: how many rows of a source went where. ``measure`` as in ``quality.account``."""

    __tablename__ = "run_count"

    run_date: Mapped[date] = mapped_column(ForeignKey("run.run_date", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(63), primary_key=True)
    measure: Mapped[str] = mapped_column(String(160), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class Report(Base):
    """The report that was published for a date, so that it can be had again; no run's end takes it away.

    ``document`` is ``report.json``, gzipped; ``trend`` the little of it that later reports compare themselves with.
    """

    __tablename__ = "report"

    run_date: Mapped[date] = mapped_column(Date, primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    trend: Mapped[dict[str, Any]]


class GateResult(Base):
    """One expectation's outcome in one run; ``observed`` is a count, a share or a number of rows."""

    __tablename__ = "gate_result"

    run_date: Mapped[date] = mapped_column(ForeignKey("run.run_date", ondelete="CASCADE"), primary_key=True)
    gate: Mapped[str] = mapped_column(String(32), primary_key=True)  # raw, records, findings, items
    table_name: Mapped[str] = mapped_column(String(120), primary_key=True)  # e.g. records/rsud-naibonat
    expectation: Mapped[str] = mapped_column(String(160), primary_key=True)
    severity: Mapped[str] = mapped_column(String(16))  # critical, warning, info
    success: Mapped[bool]
    observed: Mapped[float | None] = mapped_column(Float)
    unexpected: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[str | None]  # what was expected, in words; no personal data


class ItemState(Base):
    """An item as it stood from ``run_date`` on; written only on the dates on which something changed.

    The state before a date is the row with the latest earlier ``run_date``: that is how a rerun of any
    date starts from what was true before it. Two things go on without a row: ``new`` is ``open`` from the
    next date on, and ``last_seen`` grows with every run that read the item's source.
    """

    __tablename__ = "item_state"

    item_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    run_date: Mapped[date] = mapped_column(ForeignKey("run.run_date", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(63))
    priority: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(63))
    source_record_id: Mapped[str]
    cause: Mapped[str] = mapped_column(String(32))
    recorded_nik: Mapped[str | None]
    proposed_nik: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float | None] = mapped_column(Float)
    elements: Mapped[str | None]
    related: Mapped[str | None]
    evidence: Mapped[str]
    first_seen: Mapped[date] = mapped_column(Date)
    last_seen: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None]
    details: Mapped[dict[str, Any]]  # sector, district, flags: what ranking needs when the source is absent
    listed: Mapped[bool] = mapped_column(default=True)  # false where an end was silent
    spent: Mapped[int] = mapped_column(BigInteger, default=0)  # decisions up to it are spent

    __table_args__ = (Index("ix_item_state_run_date", "run_date"),)


class ItemEvent(Base):
    """The ledger: every change of an item, decision and publication, append-only, each hashed over the last.

    ``event_id`` counts from 1 without a gap: ``store.ledger`` gives it, never the server.
    """

    __tablename__ = "item_event"

    event_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    run_date: Mapped[date | None] = mapped_column(Date)
    item_id: Mapped[str | None] = mapped_column(String(24), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerHead(Base):
    """Where the ledger ends (one row, ``head_id`` 1), so that events lost from its end are missed too."""

    __tablename__ = "ledger_head"

    head_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    events: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class DecisionFile(Base):
    """A returned worklist that was read; its hash keeps the same file from being counted twice."""

    __tablename__ = "decision_file"

    file_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(DateTime)
    effective_date: Mapped[date] = mapped_column(Date)
    rows: Mapped[int] = mapped_column(BigInteger)
    taken: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)


class Decision(Base):
    """What an officer answered about an item, in the order in which it was read."""

    __tablename__ = "decision"

    decision_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    item_id: Mapped[str] = mapped_column(String(24), index=True)
    decision: Mapped[str] = mapped_column(String(16))  # corrected, rejected, forwarded
    note: Mapped[str | None]
    proposed_nik: Mapped[str | None] = mapped_column(String(16))  # the proposal that was decided on
    recorded_nik: Mapped[str | None]  # the number and the elements that the officer saw
    elements: Mapped[str | None]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("decision_file.file_sha256"))
    received_at: Mapped[datetime] = mapped_column(DateTime)
    effective_date: Mapped[date] = mapped_column(Date)  # the first run date that may take it into account
