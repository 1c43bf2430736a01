"""Are records whose number is right cleaner in other fields than those whose number is wrong? If so, m-probabilities
counted on the first would expect too much of the second.

    python -m bench.selection OFFICE        # after `bench.ideas OFFICE whole`
    python -m bench.selection OFFICE SOILED # a copy of an office in which wrong numbers go with dirty fields

Seen from two sides: by the truth of the drawn population, and by what linkage can see itself, its m-probabilities from
verified records against those counted anew on its own answers about failing records, each candidate counted by its
probability. The first command prints both as JSON and leaves beside the records the shifts of weight that would put
the difference right; ``bench.ideas OFFICE selection-corrected OUT.csv`` links with them.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np

from bench.padan import made_before, settings_of
from bench.score import BESIDE, NOTHING_TO_PROPOSE
from pipelines.engine import connect, sql_text
from pipelines.match.comparisons import COMPARISONS, Compared, compare
from pipelines.match.people import load_people
from pipelines.match.stage import MODEL
from pipelines.match.weights import _OFFSETS, WIDTH, Array, probabilities
from pipelines.settings import Settings

SHIFTS = "selection.json"
PAIRS = 40_000
"""Records looked at of each source and kind, at most: their shares are then known to a quarter of a percent."""

SOILED = 0.5
"""Of the records with a wrong number, in a soiled office: how many lose each field."""

Shares = dict[str, Array]


@dataclass(frozen=True)
class Kind:
    """What a kind of records says of a comparison: how many say anything, and how many agree wholly."""

    records: int
    agree: float


@dataclass(frozen=True)
class Difference:
    """One comparison of one source: records with a right number against those with a wrong one.

    ``bits`` and ``seen_bits`` are how much the first's weights misjudge, on average, the own person of a record of
    the second kind: by the truth, and by what linkage sees.
    """

    source: str
    comparison: str
    right: Kind
    wrong: Kind
    bits: float
    verified: float
    answered: float
    seen_bits: float


def misjudged(expected: Array, found: Array) -> float:
    """The mean of log2(found / expected) where ``found`` is what happens: Kullback and Leibler's divergence in bits.

    Both are shares by level, the first of which ("missing") does not count.
    """
    return float(found[1:] @ np.log2(found[1:] / expected[1:]))


def true_pairs(settings: Settings) -> dict[tuple[str, bool], Compared]:
    """For each source, the records whose number is right (True) and wrong (False), compared with their own person."""
    made = made_before(settings)
    con = connect(settings.temporary, settings.resources.memory, settings.resources.threads)
    names = [source.name for source in settings.sources]
    everyone = load_people(con, made[settings.registry.name], [(name, made[name]) for name in names])
    fine = ", ".join(f"'{cause}'" for cause in BESIDE)
    keep_number = ", ".join(f"'{cause}'" for cause in NOTHING_TO_PROPOSE)
    truth = sql_text(Path(settings.registry.location).parent / "truth.csv")
    con.execute(
        f"""create table own as
            select ag.a, ag.src, reg.r, coalesce(t.cause, '') in ({fine}) as sound
            from read_csv({truth}, all_varchar = true) t
              join (select unnest({names}) as source, unnest(range(0, {len(names)})) as src) using (source)
              join ag using (src, source_record_id) join reg on reg.nik = t.true_nik
            where coalesce(t.cause, '') not in ({keep_number})"""
    ).fetchall()
    compared = {}
    for src, name in enumerate(names):
        for sound in (True, False):
            pairs = con.sql(
                f"""select a, r from (select * from own where src = {src} and sound = {sound}
                      order by md5(a::varchar) limit {PAIRS}) order by a"""
            ).fetchnumpy()
            compared[name, sound] = compare(everyone.pairs(pairs["a"], pairs["r"]), everyone.texts)
    con.close()
    return compared


def seen(settings: Settings) -> dict[str, tuple[Shares, Shares]]:
    """For each source the shares of levels (m) that linkage counted on verified records, and on its own answers."""
    matches = settings.folder("matches")
    model = json.loads((matches / MODEL).read_text(encoding="utf-8"))["sources"]
    con = duckdb.connect()
    result = {}
    for source in settings.sources:
        levels = ", ".join(f"level_{c.name} as {c.name}" for c in COMPARISONS)
        rows = con.sql(
            f"""select probability, {levels} from read_parquet({sql_text(matches / "*.parquet")})
                where source = {sql_text(source.name)} and relation = 'candidate'"""
        ).fetchnumpy()
        answers = Compared({c.name: np.asarray(rows[c.name], np.int8) for c in COMPARISONS}, {})
        said = model[source.name]["comparisons"]
        verified = {c.name: np.array([level["m"] for level in said[c.name]["levels"]]) for c in COMPARISONS}
        result[source.name] = verified, probabilities("m", answers, np.asarray(rows["probability"]))
    con.close()
    return result


def differences(base: Settings, whole: Settings) -> Iterator[Difference]:
    """Every comparison of every source. ``base`` has the records, ``whole`` the matches."""
    pairs, views = true_pairs(base), seen(whole)
    for source in base.sources:
        right, wrong = (pairs[source.name, sound] for sound in (True, False))
        m_right, m_wrong = probabilities("m", right), probabilities("m", wrong)
        verified, answered = views[source.name]
        for name in (c.name for c in COMPARISONS):
            if (wrong.levels[name] > 0).any():
                yield Difference(
                    source.name,
                    name,
                    _kind(right, name),
                    _kind(wrong, name),
                    misjudged(m_right[name], m_wrong[name]),
                    float(verified[name][1]),
                    float(answered[name][1]),
                    misjudged(verified[name], answered[name]),
                )


def _kind(compared: Compared, name: str) -> Kind:
    level = compared.levels[name]
    said = int((level > 0).sum())
    return Kind(said, float((level == 1).sum() / max(1, said)))


def write_shifts(base: Settings, whole: Settings) -> None:
    """Leave in ``base``'s data folder, by source, what to add to each weight (bits) to correct for selection."""
    rows = []
    for verified, answered in seen(whole).values():
        shift = np.zeros(WIDTH)
        for c in COMPARISONS:
            start = _OFFSETS[c.name]
            shift[start : start + len(c.levels) - 1] = np.log2(answered[c.name] / verified[c.name])[1:]
        rows.append(shift.tolist())
    (base.data / SHIFTS).write_text(json.dumps(rows), encoding="utf-8")


def read_shifts(base: Settings) -> list[Array]:
    """What ``write_shifts`` left, in the order of the sources."""
    return [np.array(row) for row in json.loads((base.data / SHIFTS).read_text(encoding="utf-8"))]


FIELDS = {
    "pasien.csv": ("rsud-naibonat", "no_rkm_medis", "nm_pasien", "tgl_lahir", "nm_ibu"),
    "siswa.csv": ("dapodik-kupang", "nisn", "nama", "tanggal_lahir", "nama_ibu_kandung"),
}
"""Of each agency's file: its source, and the columns of key, name, birth date and mother."""


def soil(office: Path, soiled: Path) -> None:
    """Copy an office, and in the copy spoil the fields of half the records whose number is wrong.

    Each of the three for itself: a letter is left out of the name, a digit of the birth date's day is changed, the
    mother's name is left out. What the truth says of their numbers stays true.
    """
    shutil.rmtree(soiled, ignore_errors=True)
    shutil.copytree(office, soiled, ignore=shutil.ignore_patterns("data", "*.csv.tmp"))
    truth = csv.DictReader((soiled / "sources" / "truth.csv").open(encoding="utf-8", newline=""))
    faults = {(t["source"], t["source_record_id"]) for t in truth if t["cause"] not in BESIDE}
    for file, (source, key, name, born, mother) in FIELDS.items():
        path = soiled / "sources" / file
        rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
        for row in rows:
            if (source, row[key]) in faults:
                _spoil(row, row[key], name, born, mother)
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def _spoil(row: dict[str, str], key: str, name: str, born: str, mother: str) -> None:
    a, b, c, place = (byte / 256 for byte in hashlib.sha256(key.encode()).digest()[:4])
    if a < SOILED and len(row[name]) > 1:
        cut = int(place * len(row[name]))
        row[name] = row[name][:cut] + row[name][cut + 1 :]
    if b < SOILED:
        day = slice(8, 10) if row[born][:4].isdigit() else slice(0, 2)
        digit = row[born][day][1:2]
        if digit.isdigit():
            spoilt = str((int(digit) + 1) % 10)
            row[born] = row[born][: day.start + 1] + spoilt + row[born][day.start + 2 :]
    if c < SOILED:
        row[mother] = ""


def main(office: str, soiled: str = "") -> None:
    if soiled:
        soil(Path(office), Path(soiled))
        return
    base = settings_of(Path(office))
    whole = base.model_copy(update={"data": base.data / "without" / "whole"})
    write_shifts(base, whole)
    print(json.dumps([asdict(difference) for difference in differences(base, whole)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
