"""What can be measured of a thousand rows: of each column alone, and of columns beside one another.

All cells lie in one long table, so that each question is one query over every column. Numbers, dates and
places are read by the expressions of the room that will read them in a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, get_args

import duckdb
import pyarrow as pa

from pipelines.engine import sql_text
from pipelines.layouts import DateOrder
from pipelines.regions import load_regions
from pipelines.standardise import dates, nik, status
from pipelines.standardise.codes import concept as words_of
from pipelines.standardise.places import place
from pipelines.standardise.steps import nest
from pipelines.standardise.text import plain
from pipelines.suggest.sample import Sample

ORDERS: Final[tuple[DateOrder, ...]] = get_args(DateOrder)

FEW_WORDS = 12
"""Different values that a column of codes may have, slips of the pen included."""


@dataclass(frozen=True)
class Numbers:
    """How a column reads as identity numbers; shares are of its cells that hold no placeholder.

    ``sixteen`` digits, ``valid`` as a NIK, and of the valid ones those that embed a woman's date.
    """

    sixteen: float = 0.0
    valid: float = 0.0
    female: float = 0.0


@dataclass(frozen=True)
class Measures:
    """One column. Shares are of its filled cells, ``filled`` is of all rows.

    ``dates`` has for each order the share that are days of a calendar, ``year_first`` the share that begin
    with the year; ``words`` counts the values of a column that has few; ``counting`` is 1, 2, 3, … down the rows.
    """

    key: str
    filled: float = 0.0
    distinct: int = 0
    unique: bool = False
    counting: bool = False
    length: float = 0.0
    letters: float = 0.0
    spaced: float = 0.0
    digits: float = 0.0
    place: float = 0.0
    numbers: Numbers = Numbers()
    dates: Mapping[DateOrder, float] = field(default_factory=dict)
    year_first: float = 0.0
    words: Mapping[str, int] = field(default_factory=dict)
    status_known: float = 0.0


class Table:
    """A sample, loaded and read; asks DuckDB one question at a time."""

    def __init__(self, sample: Sample, run_date: date) -> None:
        self.sample = sample
        self.con = duckdb.connect(":memory:", config={"threads": 1})
        load_regions(self.con)
        self._load(sample)
        self._read(run_date)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.con.execute(query).fetchall()

    def _load(self, sample: Sample) -> None:
        count = sample.rows
        cells = pa.table(
            {
                "col": pa.concat_arrays([pa.repeat(k, count).cast(pa.string()) for k in sample.cells]),
                "pos": pa.array([at for _ in sample.cells for at in range(count)], pa.int64()),
                "raw": pa.concat_arrays([*sample.cells.values()]),
            }
        )
        self.con.register("given", cells)
        self._make("cells", f"select * from (select *, {plain('raw')} as x from given) where x is not null")

    def _make(self, name: str, query: str) -> None:
        self.con.execute(f"create temp table {name} as {query}").fetchall()

    def _read(self, run_date: date) -> None:
        number = [*nik.classified(), {"number_sex": nik.sex("nik_sixteen")}]
        kept = "col, pos, nik_text, nik_sixteen, nik_missing, nik_fault, nik_old, nik_new, number_sex"
        self._make(
            "numbers", f"select {kept} from ({nest('select col, pos, x as plain_nik from cells', number)})"
        )
        for order in ORDERS:
            read = nest(
                "select col, pos, x as plain_d from cells", dates.concept("d", order, run_date, run_date)
            )
            self._make(f"days_{order}", f"select col, pos, d, d_missing, d_fault from ({read})")
        state = nest("select col, pos, x as plain_status from cells", words_of("status", status.WORDS, {}))
        self._make("states", f"select col, pos, status_known from ({state})")

    def measures(self) -> dict[str, Measures]:
        """Every column, by its key."""
        rows = self.sample.rows
        plainly = {row[0]: row[1:] for row in self.ask(_OF_EACH)}
        numbers = {row[0]: Numbers(*row[1:]) for row in self.ask(_NUMBERS)}
        days: dict[str, dict[DateOrder, float]] = {k: {} for k in plainly}
        for order in ORDERS:
            for k, share in self.ask(_DAYS.format(order=order)):
                days[k][order] = share
        words: dict[str, dict[str, int]] = {k: {} for k in plainly}
        for k, word, count in self.ask(_WORDS.format(few=FEW_WORDS)):
            words[k][word] = count
        known = dict(self.ask("select col, avg((status_known is not null)::int) from states group by col"))
        empty = {k: Measures(k) for k in self.sample.cells}
        return empty | {
            k: Measures(
                k, filled / rows, distinct, filled == distinct == rows, counting, length, letters, spaced, digits,
                place_, numbers[k], days[k], year_first, words[k], known[k],
            )
            for k, (filled, distinct, counting, length, letters, spaced, digits, place_, year_first) in plainly.items()
        }  # fmt: skip

    def agreement(self, number: str, day: str, order: DateOrder) -> tuple[int, int]:
        """In how many rows both say a date, and in how many the same one."""
        ((both, same),) = self.ask(
            f"select count(*), count(*) filter (d in (nik_old, nik_new)) from numbers n join days_{order} using (pos) "
            f"where n.col = {sql_text(number)} and days_{order}.col = {sql_text(day)} "
            "and nik_new is not null and d is not null"
        )
        return both, same

    def leading(self, number: str, day: str, order: DateOrder) -> float:
        """Share of a column's numbers whose date lies 12 to 60 years before the row's birth date."""
        ((share,),) = self.ask(
            "select avg((date_diff('year', nik_old, d) between 12 and 60 or "
            f"date_diff('year', nik_new, d) between 12 and 60)::int) from numbers n join days_{order} using (pos) "
            f"where n.col = {sql_text(number)} and days_{order}.col = {sql_text(day)} "
            "and nik_old is not null and d is not null"
        )
        return share or 0.0

    def sexes(self, words: str, number: str) -> dict[str, tuple[int, int]]:
        """For each value of a column, in how many rows the number says L and in how many P."""
        rows = self.ask(
            "select c.x, count(*) filter (number_sex = 'L'), count(*) filter (number_sex = 'P') "
            f"from cells c join numbers n using (pos) where c.col = {sql_text(words)} and n.col = {sql_text(number)} "
            "and number_sex is not null group by 1 order by 1"
        )
        return {word: (men, women) for word, men, women in rows}

    def codes(self, number: str) -> dict[str, tuple[float, float, float]]:
        """For each column of short codes: share of rows whose number begins with that province, regency, district."""
        at = ", ".join(
            f"avg((lpad(right(x, 2), 2, '0') = substr(nik_sixteen, {start}, 2))::int)" for start in (1, 3, 5)
        )
        rows = self.ask(
            f"select c.col, {at} from cells c join numbers n using (pos) where n.col = {sql_text(number)} "
            "and nik_sixteen is not null and regexp_full_match(x, '[0-9]{1,6}') group by 1"
        )
        return {k: (province, regency, district) for k, province, regency, district in rows}

    def purity(self, number: str) -> dict[str, float]:
        """For each column of words how far its first word tells the sex that the row's number embeds.

        0 where it tells no more than a guess would, 1 where it always does: own names do, a mother's do not.
        Only words that occur three times or more can tell, and only where thirty rows have such a word.
        """
        rows = self.ask(_PURITY.format(number=sql_text(number)))
        return {k: max(0.0, float((pure - base) / (1 - base))) if base < 1 else 0.0 for k, pure, base in rows}

    def female(self, names: str, own: str, number: str) -> float | None:
        """Share of women's words among the first words of ``names``, as the column ``own`` shows whose they are."""
        ((share,),) = self.ask(
            _FEMALE.format(names=sql_text(names), own=sql_text(own), number=sql_text(number))
        )
        return share if share is None else float(share)

    def repeated(self, col: str) -> list[tuple[str, int, bool]]:
        """Values that a column of numbers repeats and that no person can have; how often; whether known already.

        As written, or without the field's own name (``KTP HILANG``: ``HILANG``), as standardise compares them.
        """
        return self.ask(
            r"select case when regexp_replace(x, '[^\pL\pN]', '', 'g') = nik_text then x else nik_text end as word, "
            "count(*) as times, bool_and(nik_missing) from cells join numbers using (col, pos) "
            f"where col = {sql_text(col)} and (nik_missing or nik_fault is not null or right(nik_text, 4) = '0000') "
            "and nik_text is not null group by word having count(*) > 2 order by times desc, word limit 12"
        )

    def unread_days(self, col: str, order: DateOrder) -> list[tuple[str, int]]:
        """Values that a column of dates repeats and that are no date, placeholders already known left out."""
        return self.ask(
            f"select x, count(*) as times from cells join days_{order} using (col, pos) where col = {sql_text(col)} "
            "and d is null and not d_missing group by x having count(*) > 2 order by times desc, x limit 12"
        )

    def undecided(self, col: str) -> tuple[int, int, int]:
        """Of a column of dates: rows that only the day-first order reads, only month first, both differently."""
        (found,) = self.ask(
            "select count(*) filter (a.d is not null and b.d is null), "
            "count(*) filter (a.d is null and b.d is not null), count(*) filter (a.d <> b.d) "
            "from days_dmy a join days_mdy b using (col, pos) "
            f"where col = {sql_text(col)}"
        )
        return found[0], found[1], found[2]


_OF_EACH = rf"""
select col, count(*), count(distinct raw),
       avg((x = cast(pos + 1 as varchar))::int) > 0.99, avg(length(x)),
       coalesce(avg(regexp_full_match(x, '[\pL .,''`()/-]*\pL[\pL .,''`()/-]+')::int)
         filter (regexp_matches(x, '[\pL\pN]')), 0), avg((x like '% %')::int), avg(regexp_full_match(x, '[0-9]+')::int),
       avg(({place("x")} in (select {place("upper(name)")} from regions))::int),
       avg(regexp_matches(x, '^[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.]|^[12][0-9]{{7}}$')::int)
from cells group by col
"""

_NUMBERS = """
select col, coalesce(avg((nik_sixteen is not null)::int) filter (not nik_missing), 0),
       coalesce(avg((nik_fault is null)::int) filter (not nik_missing), 0),
       coalesce(avg((number_sex = 'P')::int) filter (nik_fault is null and not nik_missing), 0)
from numbers group by col
"""

_DAYS = """
select col, coalesce(avg((d is not null)::int) filter (not d_missing), 0) from days_{order} group by col
"""

_WORDS = """
select col, x, count(*) from cells where col in
(select col from cells group by col having count(distinct x) <= {few}) group by 1, 2 order by 1, 3 desc, 2
"""

_FIRST = "regexp_extract(x, '^[A-Z]+')"

_PURITY = f"""
with said as (
  select c.col, {_FIRST} as word, number_sex from cells c join numbers n using (pos)
  where n.col = {{number}} and number_sex is not null and {_FIRST} <> ''
), often as (select col, word, count(*) filter (number_sex = 'L') as l, count(*) filter (number_sex = 'P') as p
  from said group by 1, 2 having count(*) > 2)
select col, sum(greatest(l, p)) / sum(l + p), greatest(sum(l), sum(p)) / sum(l + p) from often
group by 1 having sum(l + p) >= 30
"""

_FEMALE = f"""
with whose as (
  select {_FIRST} as word, avg((number_sex = 'P')::int) as women from cells c join numbers n using (pos)
  where c.col = {{own}} and n.col = {{number}} and number_sex is not null group by 1 having count(*) > 1
)
select avg(women) from (select {_FIRST} as word from cells where col = {{names}}) join whose using (word)
where word <> ''
"""
