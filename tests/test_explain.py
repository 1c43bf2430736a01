"""`padan explain`: the weights that are shown are those that decided, and they add up."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.diagnose import diagnose
from pipelines.errors import PadanError
from pipelines.explain import explain
from pipelines.extract import extract
from pipelines.match import match
from pipelines.settings import Settings, load_settings
from pipelines.standardise import standardise
from pipelines.worklist import worklist

KUPANG = Path(__file__).parent / "end_to_end" / "data" / "kupang"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small office up to its items; nothing published."""
    folder = Path(shutil.copytree(KUPANG, tmp_path_factory.mktemp("explain") / "kupang"))
    settings = load_settings(folder / "padan.toml", date(2026, 11, 23), {})
    records = {s.name: standardise(extract(s, settings), s, settings) for s in settings.everyone}
    registry = records[settings.registry.name]
    agencies = [records[s.name] for s in settings.sources]
    matches = match(registry, agencies, settings)
    verdicts = [records[s.name] for s in settings.verdicts]
    worklist(diagnose(matches, registry, agencies, verdicts, settings), [], settings)
    return settings


def item(office: Settings, cause: str) -> str:
    rows = pq.ParquetFile(office.folder("items") / "part-0.parquet").read().to_pylist()
    return next(str(row["item_id"]) for row in rows if row["cause"] == cause)


@pytest.mark.parametrize(
    "cause", ["NIK_MISSING", "NIK_MISTYPED", "NIK_WRONG", "NIK_OF_ANOTHER_PERSON", "DOUBLE_NIK"]
)
def test_the_weights_add_up_to_the_sum_that_is_shown(office: Settings, cause: str) -> None:
    text = explain(item(office, cause), office)
    before, total = re.split(r"^jumlah", text, flags=re.MULTILINE)[:2]
    weighed = before[before.index("bobot (bit)") :]
    weights = [float(w) for w in re.findall(r"([+-]\d+\.\d\d)$", weighed, flags=re.MULTILINE)]
    shown = float(re.search(r"[+-]\d+\.\d\d", total).group())  # type: ignore[union-attr]
    assert len(weights) > 3
    assert sum(weights) == pytest.approx(shown, abs=0.01 * len(weights))


def test_both_records_stand_side_by_side(office: Settings) -> None:
    text = explain(item(office, "NIK_MISTYPED"), office)
    assert "5301094312700020" in text  # as the hospital wrote it
    assert "5301094312700002" in text  # as the registry has it
    assert "dua angka berdampingan tertukar" in text


def test_in_english_for_those_who_ask(office: Settings) -> None:
    text = explain(item(office, "NIK_MISTYPED"), office.model_copy(update={"language": "en"}))
    assert "two neighbouring digits swapped" in text
    assert "against it: this person is in no registry" in text


def test_what_was_never_weighed_says_so(office: Settings) -> None:
    assert "Nama, tanggal lahir dan jenis kelamin sama persis" in explain(
        item(office, "NIK_INACTIVE"), office
    )
    assert "Kedua rekam menunjuk orang yang sama" in explain(item(office, "DUPLICATE_RECORD"), office)


def test_an_unknown_item_is_one_clear_line(office: Settings) -> None:
    with pytest.raises(PadanError, match="no item P-NOBODY in any of the 1 runs"):
        explain("P-NOBODY", office)
