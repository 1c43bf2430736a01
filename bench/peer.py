"""The mark to beat: the same worklist, as somebody who knows Splink well would build it.

    python -m bench.peer POPULATION OUT.csv

``POPULATION`` is a folder that ``padan sample`` wrote; ``OUT.csv`` has the columns of a worklist that ``score.py``
reads. Splink links the agencies' records with the registry's; the best link of each record, and the link to
the holder of its recorded number, say what is wrong with the number.

The peer is meant to be good. Its files are read without loss (dates as ISO or day first, signs for "none" as
none), its blocking finds by ten rules, its levels know slips in numbers and dates and words left off names,
agreement on a rare name or birthplace counts for more, and all weights are learned: u from random pairs, m by
expectation and maximisation over pairs of equal numbers and over pairs of equal names and birth dates.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

REGISTRY, AGENCIES = "reg", "ag"

PEOPLE = 400_000
"""One registry person in so many is a record's own: a district's size, as its office would put it."""

RANDOM_PAIRS = 1e6
KEPT = 0.02
"""Links less likely than this are not looked at again."""

FOUND = 0.5
"""From this probability on a link is believed."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MEI", "JUN", "JUL", "AGU", "SEP", "OKT", "NOV", "DES")

NO_NUMBER = ("0000000000000000", "1111111111111111", "1234567890123456", "9999999999999999")
NOT_THERE = ("-", "--", ".", "0", "00", "TIDAK ADA", "TDK ADA", "BELUM ADA", "NULL")
"""What clerks write for "none"; of any field."""


def texts(values: tuple[str, ...]) -> str:
    """A list for SQL's ``in``."""
    return ", ".join(f"'{value}'" for value in values)


MACROS = rf"""
    create macro given(text) as
        case when upper(trim(text)) not in ('', {texts(NOT_THERE)}) then upper(trim(text)) end;
    create macro without_titles(text) as
        regexp_replace(regexp_replace(text, '[(]ALM[)]|,\s?S[.]?(?:E|H|PD)\b.*', ' ', 'g'),
                       '^(?:AN|BY|DRS|H|NY|PDT|TN)[.]\s', '');
    create macro words(text) as
        nullif(trim(regexp_replace(without_titles(given(text)), '[^A-Z]+', ' ', 'g')), '');
    create macro undressed(text) as regexp_replace(text, '[^0-9A-Za-z]', '', 'g');
    create macro number(text) as
        case when regexp_full_match(undressed(text), '[0-9]{{16}}') and undressed(text) not in ({texts(NO_NUMBER)})
             then undressed(text) end;
    create macro spelt_out(text) as try_cast(concat_ws('-', split_part(text, ' ', 3),
        list_position([{texts(MONTHS)}], upper(split_part(text, ' ', 2))[:3]), split_part(text, ' ', 1)) as date);
    create macro read_day(text) as coalesce(try_cast(text as date),
        try_strptime(text, ['%d-%m-%Y', '%d/%m/%Y'])::date, spelt_out(text));
"""

READ = {
    REGISTRY: [
        """select 'dukcapil' as source, NIK as record, NIK as written, NAMA_LGKP as name, NAMA_LGKP_IBU as mother,
             if(JENIS_KLMIN = '1', 'L', 'P') as sex, TMPT_LHR as place, TGL_LHR as born, NO_KK as kk, STATUS as status
           from read_csv('{folder}/registry.csv', all_varchar = true)"""
    ],
    AGENCIES: [
        """select 'rsud-naibonat' as source, no_rkm_medis as record, no_ktp as written, nm_pasien as name,
             nm_ibu as mother, jk as sex, tmp_lahir as place, tgl_lahir as born, null::varchar as kk,
             null::varchar as status
           from read_csv('{folder}/pasien.csv', all_varchar = true)""",
        """select 'dapodik-kupang' as source, nisn as record, nik as written, nama as name,
             nama_ibu_kandung as mother, jenis_kelamin as sex, tempat_lahir as place, tanggal_lahir as born,
             no_kk as kk, null::varchar as status
           from read_csv('{folder}/siswa.csv', all_varchar = true)""",
    ],
}
"""The files, their columns under names of our own."""

PREPARED = """
    create table {table} as
    with plain as (
      select source, record, written, status, kk, sex, number(written) as nik, words(name) as name,
        words(mother) as mother, given(place) as place, read_day(born) as born from ({rows}))
    select row_number() over () as unique_id, *, split_part(name, ' ', 1) as given_name,
      split_part(name, ' ', -1) as family_name, nullif(split_part(mother, ' ', 1), '') as mother_given,
      strftime(born, '%Y-%m-%d') as born_text, strftime(born, '%m%d') as birthday, year(born) as birth_year
    from plain"""


def prepare(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Read the files and create the tables ``REGISTRY`` and ``AGENCIES``, cleaned."""
    con.execute(MACROS).fetchall()
    place = str(folder).replace("'", "''")
    for table, files in READ.items():
        rows = " union all ".join(part.format(folder=place) for part in files)
        con.execute(PREPARED.format(table=table, rows=rows)).fetchall()


def level(sql: str) -> levels.CustomLevel:
    return levels.CustomLevel(sql)


def compared() -> list[Any]:
    """What of two records is compared, from the strongest evidence to none."""
    number = comparisons.CustomComparison(
        output_column_name="nik",
        comparison_levels=[
            levels.NullLevel("nik"),
            levels.ExactMatchLevel("nik"),
            level("damerau_levenshtein(nik_l, nik_r) = 1"),
            level("damerau_levenshtein(nik_l, nik_r) = 2"),
            level("nik_l[7:12] = nik_r[7:12]"),
            levels.ElseLevel(),
        ],
    )
    name = comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name"),
            levels.ExactMatchLevel("name", term_frequency_adjustments=True),
            level("jaro_winkler_similarity(name_l, name_r) >= 0.95"),
            level(f"{_within('name_l', 'name_r')} or {_within('name_r', 'name_l')}"),
            level("jaro_winkler_similarity(name_l, name_r) >= 0.88"),
            level("given_name_l = given_name_r or family_name_l = family_name_r"),
            levels.ElseLevel(),
        ],
    )
    swapped = "month(born_l) = day(born_r) and day(born_l) = month(born_r)"
    born = comparisons.CustomComparison(
        output_column_name="born",
        comparison_levels=[
            levels.NullLevel("born"),
            levels.ExactMatchLevel("born"),
            level("damerau_levenshtein(born_text_l, born_text_r) = 1"),
            level(f"birth_year_l = birth_year_r and {swapped}"),
            level("birth_year_l = birth_year_r"),
            levels.ElseLevel(),
        ],
    )
    place = comparisons.ExactMatch("place").configure(term_frequency_adjustments=True)
    mother = comparisons.JaroWinklerAtThresholds("mother", [0.95, 0.85])
    return [number, name, born, comparisons.ExactMatch("sex"), place, mother, comparisons.ExactMatch("kk")]


def _within(part: str, whole: str) -> str:
    """Every word of the one is a word of the other."""
    return f"list_has_all(string_split({whole}, ' '), string_split({part}, ' '))"


BLOCKING = (
    ("nik",),
    ("born", "given_name"),
    ("born", "family_name"),
    ("name", "birth_year"),
    ("born", "mother_given"),
    ("kk", "given_name"),
    ("mother", "given_name"),
    ("name", "birthday"),
    ("substr(nik, 1, 12)", "substr(name, 1, 3)"),
    ("family_name", "mother", "birth_year"),
)
"""Two records are compared when they agree in any of these."""


def linked(con: duckdb.DuckDBPyConnection) -> str:
    """Train on the two tables; the name of the table of links worth looking at."""
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=compared(),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKING],
        additional_columns_to_retain=["source", "record", "written", "status"],
        retain_intermediate_calculation_columns=False,
        probability_two_random_records_match=1 / PEOPLE,
    )
    api = DuckDBAPI(con)
    tables = [api.register(table, dataset_display_name=table) for table in (AGENCIES, REGISTRY)]
    linker = Linker(tables, settings)
    with said("train"):
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS)
        for rule in (block_on("nik"), block_on("name", "born")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    with said("predict"):
        return linker.inference.predict(threshold_match_probability=KEPT).physical_name


def judge(con: duckdb.DuckDBPyConnection, links: str, output: Path) -> None:
    """Write what is wrong with each agency record's number, from the table of ``links``."""
    columns = "unique_id, nik, status, born, sex"
    sides = {
        side: ", ".join(f"{column}_{side} as {column}" for column in columns.split(", ")) for side in "lr"
    }
    (first,) = con.execute(f"select any_value(source_dataset_l) from {links}").fetchall()[0] or ("",)
    agency, registry = ("l", "r") if first == AGENCIES else ("r", "l")
    con.execute(
        f"""create table candidates as
            select unique_id_{agency} as id, nik_{agency} is not distinct from nik_{registry} as holder,
              match_weight as weight, match_probability as p, {sides[registry].replace("as unique_id", "as other")}
            from {links}"""
    ).fetchall()
    place = str(output).replace("'", "''")
    con.execute(f"copy ({_WORKLIST}) to '{place}' (header)").fetchall()


_WORKLIST = f"""
    with best as (
      select id, nik, p from candidates qualify row_number() over (partition by id order by weight desc, nik) = 1),
    holder as (
      select id, max(p) as p, any_value(status) as status, any_value(born) as born, any_value(sex) as sex
      from candidates where holder and nik is not null group by id),
    seen as (
      select a.*, b.nik as found, b.p as confidence, h.p as held, h.status as holder_status,
        coalesce(b.p >= {FOUND}, false) as sure, coalesce(b.nik = a.nik, false) as itself,
        a.born <> h.born or a.sex <> h.sex as differs, a.nik in (select nik from {REGISTRY}) as known,
        given(a.written) is null or a.written in ({texts(NO_NUMBER)}) or length(a.written) <= 1 as missing
      from {AGENCIES} a left join best b on b.id = a.unique_id left join holder h on h.id = a.unique_id),
    caused as (
      select *, case
        when itself and held >= {FOUND} then case
          when holder_status = 'MENINGGAL' then 'HOLDER_DECEASED'
          when holder_status = 'NONAKTIF' then 'NIK_INACTIVE'
          when differs then 'ELEMENT_MISMATCH' end
        when missing then 'NIK_MISSING'
        when nik is null then 'NIK_MALFORMED'
        when known then if(itself and sure, null, 'NIK_OF_ANOTHER_PERSON')
        when not sure then 'NOT_REGISTERED'
        when damerau_levenshtein(nik, found) <= 2 then 'NIK_MISTYPED'
        else 'NIK_WRONG' end as cause
      from seen)
    select source, record as source_record_id, cause, written as recorded_nik,
      case when sure and not itself and cause <> 'ELEMENT_MISMATCH' then found end as proposed_nik, confidence
    from caused where cause is not null order by source, record"""


@contextmanager
def said(step: str) -> Iterator[None]:
    """Print how long a step took."""
    started = time.perf_counter()
    yield
    print(f"{step:<10}{time.perf_counter() - started:7.1f} s", flush=True)


def worklist(population: Path, output: Path) -> None:
    """The whole job."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect()
    with said("whole"):
        with said("load"):
            prepare(con, population)
        links = linked(con)
        with said("worklist"):
            judge(con, links, output)
    con.close()


if __name__ == "__main__":
    worklist(Path(sys.argv[1]), Path(sys.argv[2]))
