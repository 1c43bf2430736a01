"""Which pairs are worth comparing: each rule is one equi-join, in SQL that DuckDB and Spark both speak.

A rule reads ``seek`` (the agency records whose person is looked for, columns of ``ag`` and ``blind``) and
``reg``, and gives pairs (a, r). Blind records are those whose number is right and hidden: each pair says whether
a rule found it that does not read the number, since only those count as found for them; the others are the
strangers and relatives that a wrong number would have brought, and teach the weights to tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipelines.engine import Database, sql_text

CAP: Final = 20
"""A block with more registry people than this says too little, and is split by ``FINER``. So candidates do not grow
with the square of the people, and thousands who share a clan's name and a default birthday are never all compared."""

FINER: Final = ("name", "start", "mother_given", "birth_place")
"""By what too wide a block is split, each by itself: a record meets those of its block who agree with it in at least
one of them. Who agrees in none cannot be told from the others of the block. A part that is too wide even then is
left out, and counted."""

NAMESAKES: Final = 10
"""More people of one full name than this, and the name alone finds nobody."""


SOMETHING_AGREES: Final = """
    join seek s using (a) join reg p using (r)
    where s.given in (p.given, p.family) or s.family in (p.given, p.family) or s.mother_given = p.mother_given
      or s.initial = p.initial or s.name is null"""
"""What a rule that reads the number asks besides: the number brings neighbours by birth and place, most of whom
share nothing else with the record."""


@dataclass(frozen=True)
class Rule:
    """A blocking rule: a name for reports, the key on either side, and whether it reads the number.

    ``left`` and ``right`` are select lists over ``seek`` / ``reg`` giving (id, k…): equal keys make a pair. A block of
    more than ``cap`` people is split by each of ``finer``; without any it is left out.
    """

    name: str
    left: str
    right: str
    by_number: bool = False
    cap: int = CAP
    finer: tuple[str, ...] = FINER


def _keys(left: str, right: str, table_l: str = "seek", table_r: str = "reg") -> tuple[str, str]:
    return (
        f"select a, {left} from {table_l}",
        f"select r, {right} from {table_r}",
    )


def _same(
    name: str, *keys: str, by_number: bool = False, cap: int = CAP, finer: tuple[str, ...] = FINER
) -> Rule:
    aliased = ", ".join(f"{key} as k{i}" for i, key in enumerate(keys))
    return Rule(name, *_keys(aliased, aliased), by_number, cap, tuple(f for f in finer if f not in keys))


_SWAPPED = (
    "case when day(birth_date) <= 12 then make_date(year(birth_date), day(birth_date), month(birth_date)) end"
)

RULES: Final = (
    Rule(
        "birth date and a word of the name",
        *_keys("birth_date as k0, class as k1", "birth_date as k0, class as k1", "seek_words", "reg_words"),
    ),
    _same("birth date and the given name's first letters", "birth_date", "start"),
    _same("birth date and mother", "birth_date", "mother_given"),
    Rule(
        "day and month swapped, and a word of the name",
        *_keys(f"{_SWAPPED} as k0, class as k1", "birth_date as k0, class as k1", "seek_words", "reg_words"),
    ),
    _same("name, day and month", "given", "family", "month(birth_date) * 100 + day(birth_date)"),
    _same("name and year", "given", "family", "year(birth_date)"),
    _same("name and sex", "name", "sex", cap=NAMESAKES, finer=()),
    _same("given name and mother", "given", "mother_given", "mother_family"),
    _same("family card", "kk"),
    Rule(
        "baby of its mother",
        *_keys("birth_date as k0, given as k1", "birth_date as k0, mother_given as k1"),
    ),
    Rule(
        "one slip in the number",
        "select a, variant as k0 from seek_variants semi join reg on reg.number = seek_variants.variant",
        "select r, number as k0 from reg",
        by_number=True,
    ),
    _same("the number's birth date and the given name", "number // 10000 % 1000000", "given", by_number=True),
    _same("the number's district and birth date", "number // 10000", by_number=True),
    Rule(
        "household of the number's holder",
        "select s.a, h.kk as k0 from seek s join reg h on h.number = s.number",
        "select r, kk as k0 from reg",
        by_number=True,
    ),
    Rule(
        "a family card in the number's place",
        "select a, number as k0 from seek",
        "select r, kk as k0 from reg",
        by_number=True,
    ),
    Rule(
        "mother's number in the number's place",
        "select s.a, s.number as k0 from seek s",
        "select r, mother_number as k0 from reg",
        by_number=True,
    ),
)


def block(con: Database) -> None:
    """Create ``pairs`` (a, r, by_field): every pair that some rule gives, each once, ordered.

    Also ``block_report`` (rule, pairs, split, capped): how many blocks were too wide and split, and how many parts of
    them were too wide still and left out; and ``crowded`` (a): the records of which some block was split.
    """
    _words(con, "seek", "a")
    _words(con, "reg", "r")
    one_slip_away(con, "seek", "seek_variants")
    con.execute("create or replace table crowded (a int)").fetchall()
    con.execute("create or replace table found (rule tinyint, a int, r int, by_field boolean)").fetchall()
    con.execute("create or replace table left_out (rule tinyint, parts bigint)").fetchall()
    split = [_apply(con, place, rule) for place, rule in enumerate(RULES)]
    con.execute(
        """create or replace table pairs as
            select a, r, bool_or(by_field) as by_field from found group by a, r order by a, r"""
    ).fetchall()
    _report(con, split)
    for table in ("found", "left_out", "lefts", "rights", "wide", "seek_words", "reg_words"):
        con.execute(f"drop table {table}").fetchall()


def _apply(con: Database, place: int, rule: Rule) -> int:
    """Add to ``found`` the pairs of the rule at ``place``; return how many blocks were too wide."""
    keys = [f"k{i}" for i in range(rule.right.count(" as k"))]
    using = ", ".join(keys)
    filled = " and ".join(f"{k} is not null" for k in keys)
    con.execute(f"create or replace temp table lefts as {rule.left}").fetchall()
    con.execute(
        f"""create or replace temp table rights as
            select * from (select * from ({rule.right}) where {filled}) semi join lefts using ({using})"""
    ).fetchall()
    con.execute(
        f"""create or replace table wide as
            select {using} from rights group by {using} having count(*) > {rule.cap}"""
    ).fetchall()
    con.execute(
        f"""insert into found select distinct {place} as rule, l.a, g.r, {not rule.by_number} as by_field
            from lefts l join (select * from rights anti join wide using ({using})) g using ({using})
            {SOMETHING_AGREES if rule.by_number else ""}"""
    ).fetchall()
    ((split,),) = con.execute("select count(*) from wide").fetchall()
    if split and rule.finer:
        _split(con, place, rule, keys)
    else:
        con.execute(f"insert into left_out select {place} as rule, {split}::bigint as parts").fetchall()
    return int(split)


def _split(con: Database, place: int, rule: Rule, keys: list[str]) -> None:
    """Add the pairs of ``wide`` blocks that agree in one of ``rule.finer``, and how many parts were too wide still."""
    using = ", ".join(keys)
    part = f"{using}, kind, finer"
    con.execute(f"insert into crowded select a from lefts semi join wide using ({using})").fetchall()
    parted = " union all ".join(
        f"select *, {kind} as kind, {finer} as finer from side where {finer} is not null"
        for kind, finer in enumerate(rule.finer)
    )
    also = ", ".join(f"p.{finer}" for finer in rule.finer)
    con.execute(
        f"""create or replace temp table wide_lefts as
            with side as (
              select l.*, {also} from lefts l semi join wide using ({using}) join seek p using (a))
            select a, {part} from ({parted})"""
    ).fetchall()
    con.execute(
        f"""create or replace temp table wide_rights as
            with side as (
              select g.*, {also} from rights g semi join wide using ({using}) join reg p using (r))
            select r, {part} from ({parted}) semi join wide_lefts using ({part})"""
    ).fetchall()
    con.execute(
        f"""create or replace temp table wider as
            select {part} from wide_rights group by {part} having count(*) > {rule.cap}"""
    ).fetchall()
    con.execute(
        f"""insert into found select distinct {place} as rule, l.a, g.r, {not rule.by_number} as by_field
            from wide_lefts l join (select * from wide_rights anti join wider using ({part})) g using ({part})"""
    ).fetchall()
    con.execute(f"insert into left_out select {place} as rule, count(*) as parts from wider").fetchall()
    for table in ("wide_lefts", "wide_rights", "wider"):
        con.execute(f"drop table {table}").fetchall()


def _report(con: Database, split: list[int]) -> None:
    """Create ``block_report``; ``split``: of each rule how many blocks were."""
    rules = ", ".join(f"({place}, {sql_text(rule.name)}, {split[place]})" for place, rule in enumerate(RULES))
    con.execute(
        f"""create or replace table block_report as
            select n.place, n.rule, coalesce(f.pairs, 0) as pairs, n.split, coalesce(c.parts, 0)::bigint as capped
            from (values {rules}) n(place, rule, split)
              left join (select rule, count(*) as pairs from found group by rule) f on f.rule = n.place
              left join (select rule, sum(parts) as parts from left_out group by rule) c on c.rule = n.place
            order by n.place"""
    ).fetchall()


def _words(con: Database, table: str, key: str) -> None:
    """``<table>_words``: a row for each person and spelling class of a word of the name."""
    con.execute(
        f"""create or replace temp table {table}_words as
            select {key}, birth_date, class from {table} join name_words using (name)"""
    ).fetchall()


def one_slip_away(con: Database, source: str, target: str) -> None:
    """Create the view ``target`` (a, variant): every number one slip away from each ``nik_text`` of ``source``.

    Sixteen digits: the number itself, another digit at one place, two neighbours swapped. Fifteen: a digit put
    in. Seventeen: one taken out. Letters O and l or I are read as 0 and 1. All in whole numbers: text would
    cost ten times that.
    """
    con.execute(
        f"""create or replace temp table {target}_digits as
            select a, length(d) as len, try_cast(d as bigint) as n
            from (select a, translate(upper(nik_text), 'OILQ', '0110') as d from {source} where nik_text is not null)
            where regexp_full_match(d, '[0-9]{{15,17}}')"""
    ).fetchall()
    con.execute(
        """create or replace temp table slip_places as
            select i::int as i, (10 ** i)::bigint as p from (select unnest(range(0, 17)) as i)"""
    ).fetchall()
    digit = f"select a, n, p, i, n // p % 10 as x, n // (p * 10) % 10 as y from {target}_digits, slip_places"
    con.execute(
        f"""create or replace temp view {target} as
        with v as (select v::bigint as v from (select unnest(range(0, 10)) as v))
        select a, n as variant from {target}_digits where len = 16
        union all select a, n + (v - x) * p from ({digit} where len = 16 and i < 16), v where v <> x
        union all select a, n + (x - y) * 9 * p from ({digit} where len = 16 and i < 15) where x <> y
        union all select a, n // p * p * 10 + v * p + n % p from ({digit} where len = 15 and i < 16), v
        union all select a, n // (p * 10) * p + n % p from ({digit} where len = 17 and i < 17)"""
    ).fetchall()
