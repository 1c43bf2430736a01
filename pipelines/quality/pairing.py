"""Which finding of today is on the worklist as which item: what the items gate and the account both ask."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from pipelines.engine import sql_text
from pipelines.quality import history
from pipelines.records import PAIR_CAUSES
from pipelines.settings import Settings


def pair_up(con: duckdb.DuckDBPyConnection, findings: Path, items: Path, settings: Settings) -> None:
    """Leave two temporary tables: ``paired_findings`` and ``paired_items``.

    Both have ``source`` and ``cause``. A finding's ``fate`` is ``item`` (it is on the worklist),
    ``rejected`` (an office had said before today that nothing is wrong) or ``lost``. An item has its
    ``status`` and ``found``: whether a finding of today stands behind it.
    """
    con.register("rejected_before", history.rejected(settings))
    rows = {"finding": f"read_parquet({sql_text(findings)})", "item": f"read_parquet({sql_text(items)})"}
    for name, table in (rows | {"rejected": "rejected_before"}).items():
        con.execute(f"create or replace temp view keyed_{name} as {_keyed(table)}").fetchall()
    con.execute(_FINDINGS).fetchall()
    con.execute(_ITEMS).fetchall()


def _keyed(table: str) -> str:
    """A table with what makes two of its rows the same as ``one`` and ``other``, beside source and cause.

    NUL is cut out, as it is from items: PostgreSQL would not take it.
    """
    pair = f"cause in ({', '.join(map(sql_text, PAIR_CAUSES))})"
    record, related = "replace(source_record_id, chr(0), '')", "replace(coalesce(related, ''), chr(0), '')"
    return f"""
        select * exclude (source_record_id, related),
            if({pair}, least({record}, {related}), {record}) as one,
            if({pair}, greatest({record}, {related}), '') as other
        from {table}
        """


_KEY: Final = "source, cause, one, other"

_FINDINGS: Final = f"""
create or replace temp table paired_findings as
select finding.source, finding.cause,
    case
        when item.source is not null then 'item'
        when rejected.source is not null then 'rejected'
        else 'lost'
    end as fate
from keyed_finding finding
left join (select distinct {_KEY} from keyed_item) item using ({_KEY})
left join (select distinct {_KEY} from keyed_rejected) rejected using ({_KEY})
"""

_ITEMS: Final = f"""
create or replace temp table paired_items as
select item.source, item.cause, item.status, finding.source is not null as found
from keyed_item item
left join (select distinct {_KEY} from keyed_finding) finding using ({_KEY})
"""
