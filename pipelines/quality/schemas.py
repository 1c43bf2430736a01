"""The two tables that this room writes for the store, the report and the auditors."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

GATES: Final = pa.schema(
    [
        ("gate", pa.string()),  # raw, records, findings or items
        ("table_name", pa.string()),  # e.g. records/rsud-naibonat, findings
        ("expectation", pa.string()),  # its short name, one of a kind within a gate and table
        ("severity", pa.string()),  # critical: nothing is published; warning: the report says it
        ("success", pa.bool_()),
        ("observed", pa.float64()),  # what was seen: a figure, or how many values were looked at
        ("unexpected", pa.int64()),  # how many of those were not as expected; null for a single figure
        ("detail", pa.string()),  # what is expected, with its bounds, in the configured language
    ]
)
"""``gates``: one expectation's outcome a row, without personal data, ordered by its first three columns."""

ACCOUNT: Final = pa.schema(
    [
        ("source", pa.string()),  # the configured name, or that of an item whose source has gone
        ("measure", pa.string()),
        ("count", pa.int64()),
    ]
)
"""``account``: where every row of a source went, ordered by source and measure.

Measures of a source that was read: ``rows_read``, ``raw``, ``records`` (for verdicts: numbers answered),
``quarantined.STAGE`` and ``quarantined.STAGE.REASON`` (rows), ``values_quarantined.STAGE.REASON`` (the row
went on without the value), for people ``nik_missing``, ``nik_malformed``, ``birth_date_missing``,
``records.CAUSE``, ``records_with_number_finding``, ``records_without_number_finding``,
``records_without_finding``, ``findings``, ``findings.CAUSE``, ``findings_with_item``,
``findings_rejected_before``; for the registry ``superseded``. Of any source: ``items.STATUS``,
``items_with_finding``, ``items_standing``; of one that could not be read also ``unread`` = 1.
"""
