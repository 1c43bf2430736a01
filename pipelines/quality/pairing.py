"""Which finding of today is on the worklist as which item: what the items gate and the account both ask."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.engine import sql_text
from pipelines.quality import history
from pipelines.settings import Settings


def pair_up(con: duckdb.DuckDBPyConnection, findings: Path, items: Path, settings: Settings) -> None:
    """Leave two temporary tables: ``paired_findings`` and ``paired_items``.

    Both have ``source`` and ``cause``. A finding's ``fate`` is ``item`` (it is on the worklist),
    ``rejected`` (an office had said before today that nothing is wrong) or ``lost``. An item has its
    ``status`` and ``found``: whether a finding of today stands behind it.
    """
    con.register("rejected_before", history.rejected(settings))
    for name, file in (("finding", findings), ("item", items)):
        status = "status" if name == "item" else "null"
        con.execute(
            f"""
            create or replace temp view keyed_{name} as
            select source, source_record_id, cause, coalesce(related, '') as related, {status} as status
            from read_parquet({sql_text(file)})
            """
        ).fetchall()
    con.execute(_FINDINGS).fetchall()
    con.execute(_ITEMS).fetchall()


_KEY = "source, source_record_id, cause, related"

_FINDINGS = f"""
create or replace temp table paired_findings as
select finding.source, finding.cause,
    case
        when item.source is not null then 'item'
        when rejected.source is not null then 'rejected'
        else 'lost'
    end as fate
from keyed_finding finding
left join (select distinct {_KEY} from keyed_item) item using ({_KEY})
left join (
    select distinct source, source_record_id, cause, coalesce(related, '') as related from rejected_before
) rejected using ({_KEY})
"""

_ITEMS = f"""
create or replace temp table paired_items as
select item.source, item.cause, item.status, finding.source is not null as found
from keyed_item item
left join (select distinct {_KEY} from keyed_finding) finding using ({_KEY})
"""
