"""The bounds that only a run knows: from settings, from what lies on disk, and from the runs before.

Where there is no history there is no bound: the first days of an office can't be unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import ceil, sqrt
from statistics import median
from typing import Final

import pyarrow.parquet as pq

from pipelines.engine import PART, connect
from pipelines.quality.history import Past, past
from pipelines.quality.metrics import quarantined
from pipelines.quality.suites import Filled, filled
from pipelines.settings import Settings

SMALLEST_SPREAD: Final = 0.0025
"""A quarter of a percentage point: runs that all had one share must not make the next one unusual."""

_RATES: Final = {
    "missing": "nik_missing",
    "malformed": "nik_malformed",
    "birth_date_missing": "birth_date_missing",
}
"""The rates that are watched: the bound's name, and the account's measure it is learned from."""


def bounds_of(stage: str, name: str, rows: int, settings: Settings) -> Mapping[str, Filled]:
    """Every placeholder that the suites of this gate may use. ``rows`` is how many the table has.

    Raises ``FileNotFoundError`` where a table that a bound is counted from is not there.
    """
    return _BOUNDS[stage](name, rows, settings)


def _raw(name: str, rows: int, settings: Settings) -> Mapping[str, Filled]:
    """``registry_min_rows`` and ``source_min_rows`` (at least so many), ``last_rows`` (in words only)."""
    del rows
    runs = past(name, settings)
    last = runs[0].counts["raw"] if runs else 0
    return {
        "registry_min_rows": filled(_least(last, settings.quality.registry_may_shrink)),
        "registry_may_shrink": filled(settings.quality.registry_may_shrink),
        "source_min_rows": filled(_least(last, settings.quality.source_may_shrink)),
        "source_may_shrink": filled(settings.quality.source_may_shrink),
        "last_rows": _last_rows(runs),
    }


def _records(name: str, rows: int, settings: Settings) -> Mapping[str, Filled]:
    """``rows_expected``, ``source``, ``run_date``; ``RATE_min``, ``RATE_max``, ``RATE_usual``; of numbers that
    changed ``changed_max``, ``changed_usual`` and ``same_number``."""
    raw = pq.read_metadata(settings.folder(f"raw/{name}") / PART).num_rows
    with connect(settings.temporary, settings.resources.memory, settings.resources.threads) as con:
        lost = sum(quarantined(con, "standardise", name, settings).values())
    values = {
        "raw_rows": filled(raw),
        "quarantined_rows": filled(lost),
        "rows_expected": filled(raw - lost),
        "source": filled(name),
        "run_date": _midnight(settings.run_date),
    }
    runs = past(name, settings)
    for rate, measure in _RATES.items():
        shares = [share for run in runs if (share := run.share(measure)) is not None]
        low, high = usual(shares, settings.quality.tolerance, rows) or (0.0, 1.0)
        values |= {f"{rate}_min": filled(low), f"{rate}_max": filled(high)}
        values[f"{rate}_usual"] = _in_words(shares, low, high)
    changed = [share for run in runs if (share := run.share("numbers_changed")) is not None]
    high = (usual(changed, settings.quality.tolerance, rows) or (0.0, 1.0))[1]
    values |= {"changed_max": filled(high), "changed_usual": _in_words(changed, 0.0, high)}
    values["same_number"] = filled(settings.quality.same_number)
    return values


def _tables(name: str, rows: int, settings: Settings) -> Mapping[str, Filled]:
    """``people``: whose records are looked at, and so who can own a finding."""
    del name, rows
    return {
        "people": filled([settings.registry.name, *(source.name for source in settings.sources)]),
        "run_date": _midnight(settings.run_date),
    }


_Bounds = Callable[[str, int, Settings], Mapping[str, Filled]]
_BOUNDS: Final[Mapping[str, _Bounds]] = {
    "raw": _raw,
    "records": _records,
    "findings": _tables,
    "items": _tables,
}


def usual(shares: Sequence[float], tolerance: float, rows: int) -> tuple[float, float] | None:
    """Between which shares a table of that many rows is as usual; ``None`` with fewer than two runs behind.

    Median plus and minus ``tolerance`` spreads. A spread is the median absolute deviation of the runs, which
    one bad day does not move, yet no less than what chance alone does to a share among so many rows (its
    standard error, with one row added to either side so that a share of 0 has one too), and no less than
    ``SMALLEST_SPREAD``.
    """
    if len(shares) < 2:
        return None
    middle = median(shares)
    deviation = median(abs(share - middle) for share in shares)
    likely = (middle * rows + 1) / (rows + 2)
    chance = sqrt(likely * (1 - likely) / max(rows, 1))
    reach = tolerance * max(deviation, chance, SMALLEST_SPREAD)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _least(last: int, may_shrink: float) -> int:
    # Rounded first: 0.02 of 50 must be 1 and not 1.0000000000000002.
    return ceil(round(last * (1 - may_shrink), 6))


def _midnight(day: date) -> Filled:
    """A date as Great Expectations compares it with a column of dates: by its first moment."""
    return Filled(f"{day.isoformat()}T00:00:00", {"id": day.isoformat(), "en": day.isoformat()})


def _last_rows(runs: Sequence[Past]) -> Filled:
    if not runs:
        return Filled(
            None, {"id": "belum ada hasil yang terbit sebelumnya", "en": "nothing was published before"}
        )
    rows, day = runs[0].counts["raw"], runs[0].run_date.isoformat()
    return Filled(
        rows, {"id": f"hasil terbit terakhir, {day}: {rows}", "en": f"last published run, {day}: {rows}"}
    )


def _in_words(shares: Sequence[float], low: float, high: float) -> Filled:
    if len(shares) < 2:
        said = {
            "id": "belum ada batas, kurang dari dua hasil terbit sebelumnya",
            "en": "no bound yet, fewer than two published runs before",
        }
    else:
        reach = f"{low:.2%} – {high:.2%}"
        said = {
            "id": f"{reach.replace('.', ',')}, dipelajari dari {len(shares)} hasil terbit",
            "en": f"{reach}, learned from {len(shares)} published runs",
        }
    return Filled(None, said)
