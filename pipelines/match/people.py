"""The two tables that linkage works on: ``reg`` (the registry) and ``ag`` (every agency's records).

Both number their rows (``r`` and ``a``) in the order of source and key, so that nothing later depends on the
order in which files came; both carry the spelling classes of the words that blocking joins on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.engine import Artifact, sql_text
from pipelines.match.vocabulary import Vocabulary

FIELDS: Final = (
    "source_record_id, nik_recorded, nik_text, nik, nik_class, nik_birth_date, name, coalesce(name_cut, false) as name_cut, sex, "
    "birth_place, coalesce(birth_place_cut, false) as birth_place_cut, birth_date, mother_name, "
    "coalesce(mother_name_cut, false) as mother_name_cut, father_name, mother_nik, kk, status"
)

_IS_BABY: Final = "regexp_matches(upper(trim(name_recorded)), '^(BY|BAYI|BBY)[^A-Z]')"

BABY: Final = (
    f"case when {_IS_BABY} then null else name end as name, case when {_IS_BABY} then false else name_cut end as name_cut, "
    f"case when {_IS_BABY} then coalesce(name, mother_name) else mother_name end as mother_name"
)
"""``By. Ny. X`` is the baby of X: the words are the mother's name, and the child's own is not known yet."""


def load_people(
    con: duckdb.DuckDBPyConnection, registry: Artifact, agencies: Sequence[tuple[str, Artifact]]
) -> Vocabulary:
    """Create ``reg`` and ``ag`` and the words' table; ``agencies`` are (source name, records).

    ``ag.src`` is the agency's place in ``agencies``.
    """
    con.execute(
        f"""create table reg0 as select row_number() over (order by source_record_id)::int - 1 as r, {FIELDS},
            try_cast(nik as bigint) as number from read_parquet({sql_text(registry.file)}) where nik is not null"""
    ).fetchall()
    parts = " union all by name ".join(
        f"select {i}::tinyint as src, {FIELDS} from (select * replace ({BABY}) from read_parquet({sql_text(part.file)}))"
        for i, (_, part) in enumerate(agencies)
    )
    con.execute(
        f"""create table ag0 as select row_number() over (order by src, source_record_id)::int - 1 as a, *,
            try_cast(nik as bigint) as number from ({parts})"""
    ).fetchall()
    people = con.execute("select count(*) from reg0").fetchall()[0][0]
    con.execute(
        """create temp view all_names as
            select name, true as counted from reg0 union all select mother_name, true from reg0
            union all select father_name, true from reg0 union all select name, false from ag0
            union all select mother_name, false from ag0 union all select father_name, false from ag0"""
    ).fetchall()
    words = Vocabulary.learn(con, "all_names", people)
    con.register("words_arrow", pa.table({"word": words.text, "class": words.spelling}))
    con.execute("create table words as select * from words_arrow").fetchall()
    con.unregister("words_arrow")
    for column in ("birth_date", "birth_place"):
        con.execute(
            f"""create table {column}_bits as select {column}, (-log2(count(*) / {max(people, 1)}))::float as bits
                from reg0 where {column} is not null group by {column}"""
        ).fetchall()
    for table in ("reg", "ag"):
        _with_classes(con, table)
    return words


def _with_classes(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Add the spelling classes of the given name, of the last word and of the mother's two, and how rare in the
    registry the birth date and the birthplace are, in bits."""
    con.execute(
        f"""create table {table} as select p.*, g.class as given, l.class as family,
              mg.class as mother_given, ml.class as mother_family,
              d.bits as date_bits, b.bits as place_bits
            from {table}0 p
              left join words g on g.word = split_part(p.name, ' ', 1)
              left join words l on l.word = split_part(p.name, ' ', -1)
              left join words mg on mg.word = split_part(p.mother_name, ' ', 1)
              left join words ml on ml.word = split_part(p.mother_name, ' ', -1)
              left join birth_date_bits d using (birth_date)
              left join birth_place_bits b using (birth_place)
            order by p.{"r" if table == "reg" else "a"}"""
    ).fetchall()
    con.execute(f"drop table {table}0").fetchall()
