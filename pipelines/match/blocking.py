"""Which pairs are worth comparing: each rule is one equi-join, in SQL that DuckDB and Spark both speak.

A rule reads ``seek`` (the agency records whose person is looked for, columns of ``ag`` and ``blind``) and
``reg``, and gives pairs (a, r). Blind records are those whose number is right and hidden: each pair says whether
a rule found it that does not read the number, since only those count as found for them; the others are the
strangers and relatives that a wrong number would have brought, and teach the weights to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb

CAP: Final = 400
"""A block with more registry people than this says too little: the person is found by a finer rule."""


@dataclass(frozen=True)
class Rule:
    """A blocking rule: a name for reports, the key on either side, and whether it reads the number.

    ``left`` and ``right`` are select lists over ``seek`` / ``reg`` giving (id, k…): equal keys make a pair.
    """

    name: str
    left: str
    right: str
    by_number: bool = False


def _keys(left: str, right: str, table_l: str = "seek", table_r: str = "reg") -> tuple[str, str]:
    return (
        f"select a, {left} from {table_l}",
        f"select r, {right} from {table_r}",
    )


def _same(name: str, *keys: str, by_number: bool = False) -> Rule:
    aliased = ", ".join(f"{key} as k{i}" for i, key in enumerate(keys))
    return Rule(name, *_keys(aliased, aliased), by_number=by_number)


_SWAPPED = "try_cast(year(birth_date) || '-' || lpad(day(birth_date)::varchar, 2, '0') || '-' || lpad(month(birth_date)::varchar, 2, '0') as date)"

RULES: Final = (
    Rule(
        "birth date and a word of the name",
        *_keys("birth_date as k0, class as k1", "birth_date as k0, class as k1", "seek_words", "reg_words"),
    ),
    _same("birth date and the given name's first letters", "birth_date", "substr(name, 1, 3)"),
    _same("birth date and mother", "birth_date", "mother_given"),
    Rule(
        "day and month swapped, and a word of the name",
        *_keys(f"{_SWAPPED} as k0, class as k1", "birth_date as k0, class as k1", "seek_words", "reg_words"),
    ),
    _same("name, day and month", "given", "family", "month(birth_date) * 100 + day(birth_date)"),
    _same("name and year", "given", "family", "year(birth_date)"),
    _same("name and sex", "name", "sex"),
    _same("given name and mother", "given", "mother_given", "mother_family"),
    _same("family card", "kk"),
    Rule(
        "baby of its mother",
        *_keys("birth_date as k0, given as k1", "birth_date as k0, mother_given as k1"),
    ),
    Rule(
        "one slip in the number",
        "select a, variant as k0 from seek_variants",
        "select r, number as k0 from reg",
        by_number=True,
    ),
    _same("the number's birth date and the given name", "substr(nik, 7, 6)", "given", by_number=True),
    _same("the number's district and birth date", "substr(nik, 1, 12)", by_number=True),
    Rule(
        "household of the number's holder",
        "select s.a, h.kk as k0 from seek s join reg h on h.number = s.number",
        "select r, kk as k0 from reg",
        by_number=True,
    ),
    Rule(
        "a family card in the number's place",
        "select a, nik as k0 from seek",
        "select r, kk as k0 from reg",
        by_number=True,
    ),
    Rule(
        "mother's number in the number's place",
        "select s.a, s.number as k0 from seek s",
        "select r, try_cast(mother_nik as bigint) as k0 from reg",
        by_number=True,
    ),
)


def block(con: duckdb.DuckDBPyConnection, cap: int = CAP) -> None:
    """Create ``pairs`` (a, r, by_field): every pair that some rule gives, each once, ordered.

    Also ``block_report`` (rule, pairs, capped): capped counts the keys left out as too common.
    """
    _words(con, "seek", "a")
    _words(con, "reg", "r")
    _variants(con)
    con.execute("create or replace table block_report (rule varchar, pairs bigint, capped bigint)").fetchall()
    con.execute("create or replace table found (a int, r int, by_field boolean)").fetchall()
    for rule in RULES:
        _apply(con, rule, cap)
    con.execute("create or replace table pairs as select a, r, bool_or(by_field) as by_field from found group by a, r order by a, r").fetchall()
    con.execute("drop table found").fetchall()


def _apply(con: duckdb.DuckDBPyConnection, rule: Rule, cap: int) -> None:
    keys = [f"k{i}" for i in range(rule.right.count(" as k"))]
    using = ", ".join(keys)
    filled = " and ".join(f"{k} is not null" for k in keys)
    con.execute(f"create or replace temp table lefts as {rule.left}").fetchall()
    con.execute(
        f"""create or replace temp table rights as select * from ({rule.right}) where {filled}
            and ({using}) in (select ({using}) from lefts)"""
        if len(keys) > 1
        else f"create or replace temp table rights as select * from ({rule.right}) where {filled} and k0 in (select k0 from lefts)"
    ).fetchall()
    con.execute(
        f"""create or replace temp table wide as select {using} from rights group by {using} having count(*) > {cap}"""
    ).fetchall()
    con.execute(
        f"""insert into found select distinct l.a, g.r, {not rule.by_number} from lefts l join rights g using ({using})
            where not exists (select 1 from wide w where {" and ".join(f"w.{k} = g.{k}" for k in keys)})"""
    ).fetchall()
    con.execute(
        "insert into block_report select ?, (select count(*) from found) - coalesce((select sum(pairs) from block_report), 0),"
        " (select count(*) from wide)",
        [rule.name],
    ).fetchall()


def _words(con: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    """``<table>_words``: a row for each person and spelling class of a word of the name."""
    con.execute(
        f"""create or replace temp table {table}_words as
            select distinct u.{key}, u.birth_date, w.class from (
              select {key}, birth_date, unnest(string_split(name, ' ')) as word from {table}) u
            join words w on w.word = u.word where length(u.word) > 1"""
    ).fetchall()


def _variants(con: duckdb.DuckDBPyConnection) -> None:
    """``seek_variants``: every number one slip away from a recorded one, as integers.

    Sixteen digits: another digit at one place, or two neighbours swapped. Fifteen: a digit put in. Seventeen:
    one taken out. Letters O and l or I are read as 0 and 1. A float's digits: the last ones unknown.
    """
    con.execute(
        """create or replace temp table seek_digits as
            select a, translate(upper(nik_text), 'OILQ', '0110') as d from seek where nik_text is not null"""
    ).fetchall()
    con.execute(
        """create or replace temp table seek_variants as
        with n as (select a, d, length(d) as len from seek_digits where regexp_full_match(d, '[0-9]{12,17}')),
             p as (select unnest(range(1, 18)) as i), v as (select unnest(range(0, 10)) as x)
        select distinct a, cast(t as bigint) as variant from (
          select a, d as t from n where len = 16
          union all select a, substr(d, 1, i - 1) || x || substr(d, i + 1) from n, p, v where len = 16 and i <= 16
          union all select a, substr(d, 1, i - 1) || substr(d, i + 1, 1) || substr(d, i, 1) || substr(d, i + 2) from n, p
                    where len = 16 and i <= 15
          union all select a, substr(d, 1, i - 1) || x || substr(d, i) from n, p, v where len = 15 and i <= 16
          union all select a, substr(d, 1, i - 1) || substr(d, i + 1) from n, p where len = 17 and i <= 17)"""
    ).fetchall()
