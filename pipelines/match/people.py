"""The two tables that linkage works on: ``reg`` (the registry) and ``ag`` (every agency's records).

Both number their rows (``r`` and ``a``) in the order of source and key, so that nothing later depends on the
order in which files came; both carry the spelling classes of the words that blocking joins on. Sixteen-digit
codes are integers here: half the memory of text, and compared without parsing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.engine import Artifact, sql_text
from pipelines.match.vocabulary import Vocabulary

_IS_BABY: Final = "regexp_matches(upper(trim(name_recorded)), '^(BY|BAYI|BBY)[^A-Z]')"

BABY: Final = (
    f"case when {_IS_BABY} then null else name end as name, "
    f"case when {_IS_BABY} then false else name_cut end as name_cut, "
    f"case when {_IS_BABY} then coalesce(name, mother_name) else mother_name end as mother_name"
)
"""``By. Ny. X`` is the baby of X: the words are the mother's name, and the child's own is not known yet."""

_FIELDS: Final = (
    "nik, try_cast(nik as bigint) as number, nik_text, nik_birth_date, name, sex, birth_date, birth_place, "
    "mother_name, father_name, try_cast(mother_nik as bigint) as mother_number, try_cast(kk as bigint) as kk, "
    "coalesce(name_cut, false) as name_cut, coalesce(birth_place_cut, false) as birth_place_cut, "
    "coalesce(mother_name_cut, false) as mother_name_cut"
)


def load_people(
    con: duckdb.DuckDBPyConnection, registry: Artifact, agencies: Sequence[tuple[str, Artifact]]
) -> tuple[Vocabulary, int]:
    """Create ``reg``, ``ag`` and the words' table; ``agencies`` are (source name, records).

    ``ag.src`` is the agency's place in ``agencies``. Returns the vocabulary and how many people the registry has.
    """
    _views(con, registry, agencies)
    people = con.execute("select count(*) from reg_read").fetchall()[0][0]
    words = Vocabulary.learn(con, "all_names", people)
    con.register("words_arrow", pa.table({"word": words.text, "class": words.spelling}))
    con.execute("create table words as select * from words_arrow").fetchall()
    con.unregister("words_arrow")
    for column in ("birth_date", "birth_place"):
        con.execute(
            f"""create table {column}_bits as select {column}, (-log2(count(*) / {max(people, 1)}))::float as bits
                from reg_read where {column} is not null group by {column}"""
        ).fetchall()
    _with_classes(con, "reg", "row_number() over (order by p.nik)::int - 1 as r", "r")
    _with_classes(con, "ag", "row_number() over (order by p.src, p.source_record_id)::int - 1 as a", "a")
    return words, people


def _views(
    con: duckdb.DuckDBPyConnection, registry: Artifact, agencies: Sequence[tuple[str, Artifact]]
) -> None:
    """``reg_read``, ``ag_read``: what linkage needs of the records; ``all_names``: every name in them."""

    def read(part: Artifact) -> str:
        return f"read_parquet({sql_text(part.file)}, hive_partitioning = false)"

    con.execute(
        f"create view reg_read as select {_FIELDS} from {read(registry)} where nik is not null"
    ).fetchall()
    parts = [
        f"select {i}::tinyint as src, source_record_id, {_FIELDS} from (select * replace ({BABY}) from {read(part)})"
        for i, (_, part) in enumerate(agencies)
    ]
    nobody = f"select * from (select 0::tinyint as src, source_record_id, {_FIELDS} from {read(registry)}) where false"
    con.execute(f"create view ag_read as {' union all '.join([*parts, nobody])}").fetchall()
    names = " union all ".join(
        f"select {column} as name, {counted} as counted from {table}"
        for table, counted in (("reg_read", "true"), ("ag_read", "false"))
        for column in ("name", "mother_name", "father_name")
    )
    con.execute(f"create view all_names as {names}").fetchall()


def _with_classes(con: duckdb.DuckDBPyConnection, table: str, numbered: str, key: str) -> None:
    """Create ``table`` with the spelling classes of the given name, of the last word and of the mother's two, and
    how rare in the registry the birth date and the birthplace are, in bits."""
    con.execute(
        f"""create table {table} as select {numbered}, p.*, g.class as given, l.class as family,
              mg.class as mother_given, ml.class as mother_family, d.bits as date_bits, b.bits as place_bits
            from {table}_read p
              left join words g on g.word = split_part(p.name, ' ', 1)
              left join words l on l.word = split_part(p.name, ' ', -1)
              left join words mg on mg.word = split_part(p.mother_name, ' ', 1)
              left join words ml on ml.word = split_part(p.mother_name, ' ', -1)
              left join birth_date_bits d using (birth_date)
              left join birth_place_bits b using (birth_place)
            order by {key}"""
    ).fetchall()
