"""A small office's files, written by hand as people write them: each cause once, and nothing else.

What is innocent in them and must not be found: `Ny.`, `An.`, `S.Pd`, `MUH.` for Muhammad, `Margaritha`, a
middle initial, dots and spaces and an apostrophe about a number, a mother's name that is `-`, a number
issued under a district that has died, twins, an old `not found` that a later `found` took back, a `not
found` about a number that the registry holds as inactive, and one person with a single name.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections import Counter
from datetime import date, datetime
from math import log2
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.extract.asking import source
from pipelines.records import NUMBER_CAUSES, WORKLIST_COLUMNS, Cause
from tests.extract.service import Reply, Request, serving

pytestmark = pytest.mark.slow

MONDAY, TUESDAY, WEDNESDAY = "2026-11-23", "2026-11-24", "2026-11-25"
KUPANG = Path(__file__).parent / "data" / "kupang"
HOSPITAL, SCHOOLS, REGISTRY = "rsud-naibonat", "dapodik-kupang", "dukcapil"

EXPECTED = {
    # An. Petrus Tefa: "-" in the number's field; the registry has him under his parents' card.
    (HOSPITAL, "000103", "NIK_MISSING", HOSPITAL, "5301063006150004"),
    # Ny. Siti Hajar Lomi: a 0 left out, fifteen digits.
    (HOSPITAL, "000105", "NIK_MALFORMED", HOSPITAL, "5301075905800001"),
    # Juniarti Bessie, enrolled under her father's number.
    (SCHOOLS, "0090609003", "NIK_OF_ANOTHER_PERSON", SCHOOLS, "5301094906090002"),
    # Ny. Dortia Nomleni: the last two digits swapped.
    (HOSPITAL, "000107", "NIK_MISTYPED", HOSPITAL, "5301094312700002"),
    # Fransiskus X. Asbanu: a number of another town and another day.
    (HOSPITAL, "000108", "NIK_WRONG", HOSPITAL, "5301110410900001"),
    # Imanuel Fallo: neither he nor his number is in the registry.
    (SCHOOLS, "0130419006", "NOT_REGISTERED", REGISTRY, ""),
    # Oktovianus Laiskodat: the registry says he died.
    (HOSPITAL, "000109", "HOLDER_DECEASED", REGISTRY, ""),
    # Ny. Rosalina Ballo: her number is switched off.
    (HOSPITAL, "000116", "NIK_INACTIVE", REGISTRY, ""),
    # Daniel Adu: healthy in the registry, the centre's latest answer was "not there".
    (REGISTRY, "5301050505860006", "NIK_NOT_ONLINE", REGISTRY, ""),
    # Gerson Taebenu: ten years older at the hospital.
    (HOSPITAL, "000113", "ELEMENT_MISMATCH", HOSPITAL, ""),
    # Theresia Magdalena Seran: a second number from before she moved; the hospital uses the newer one.
    (REGISTRY, "5304125508920003", "DOUBLE_NIK", REGISTRY, "5301055508920001"),
    # Welmince Tanone: registered again at the hospital after her marriage.
    (HOSPITAL, "000111+000112", "DUPLICATE_RECORD", HOSPITAL, ""),
}


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office's folder after its first run: done once, copied for each test that goes on from it."""
    folder = Path(shutil.copytree(KUPANG, tmp_path_factory.mktemp("first") / "kupang"))
    assert run(folder / "padan.toml", MONDAY) == 0
    return folder


@pytest.fixture
def office(first_day: Path, tmp_path: Path) -> Path:
    """The configuration of that office, in a folder of the test's own."""
    return Path(shutil.copytree(first_day, tmp_path / "office")) / "padan.toml"


def run(config: Path, day: str) -> int:
    return main(["run", "--config", str(config), "--date", day])


def worklist(config: Path, day: str) -> list[dict[str, str]]:
    with (config.parent / "outbox" / day / "worklist.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def found(item: dict[str, str]) -> tuple[str, str, str, str, str]:
    """An item as `EXPECTED` writes it; a pair of records in the order of their keys."""
    record = item["source_record_id"]
    if item["cause"] == Cause.DUPLICATE_RECORD:
        record = "+".join(sorted((record, item["related"])))
    return item["source"], record, item["cause"], item["owner"], item["proposed_nik"]


def test_every_cause_is_found_once_and_nothing_else(office: Path) -> None:
    items = worklist(office, MONDAY)
    assert {found(item) for item in items} == EXPECTED
    assert len(items) == len(EXPECTED) == len(Cause)
    assert tuple(items[0]) == WORKLIST_COLUMNS


def test_an_item_says_what_a_person_needs_to_know(office: Path) -> None:
    items = {item["cause"]: item for item in worklist(office, MONDAY)}
    assert items["ELEMENT_MISMATCH"]["elements"] == "birth_date"
    assert items["DOUBLE_NIK"]["related"] == "5301055508920001"
    assert items["NIK_MALFORMED"]["recorded_nik"] == "530107590580001"
    assert items["NIK_MISSING"]["recorded_nik"] == "-"
    for item in items.values():
        assert item["status"] == "new"
        assert item["priority"] in "12345"
        assert item["first_seen"] == item["last_seen"] == MONDAY
        assert item["age_days"] == "0"
        assert len(item["evidence"]) > 20
        assert bool(item["confidence"]) == bool(item["proposed_nik"]), item
        assert not item["confidence"] or 0.5 < float(item["confidence"]) <= 1, item


def test_the_outbox_holds_what_the_contract_names(office: Path) -> None:
    names = set(digests(office.parent / "outbox" / MONDAY))
    assert {
        "worklist.csv",
        "worklist.xlsx",
        f"returns/{HOSPITAL}.xlsx",
        f"returns/{SCHOOLS}.xlsx",
        "report.html",
        "report.json",
        "quality/index.html",
        "manifest.json",
    } <= names
    assert main(["verify", str(office.parent / "outbox" / MONDAY), "--config", str(office)]) == 0


def test_the_report_counted_again_by_hand(office: Path) -> None:
    """Not by the queries that made it: from the files as they lie, in plain Python."""
    folder = office.parent / "outbox" / MONDAY
    figures = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    items = [item for item in worklist(office, MONDAY) if item["status"] in ("new", "open", "returned")]
    flow = {(line["origin"], line["goal"]): line["rows"] for line in figures["flow"]}
    for name, file in ((HOSPITAL, "pasien.csv"), (SCHOOLS, "siswa.csv"), (REGISTRY, "registry.csv")):
        with (office.parent / file).open(encoding="utf-8", newline="") as handle:
            rows = sum(1 for _ in csv.DictReader(handle))
        assert rows == sum(count for (origin, _), count in flow.items() if origin == f"source:{name}")
    causes = Counter(item["cause"] for item in items)
    for cause in NUMBER_CAUSES:
        assert flow["records", f"cause:{cause}"] == flow[f"cause:{cause}", "on_worklist"] == causes[cause]
    assert {c["cause"]: c["waiting"] for c in figures["causes"]} == causes
    assert sum(line["waiting"] for line in figures["ageing"]) == len(items)
    owners = Counter(item["owner"] for item in items)
    assert {line["owner"]: line["waiting"] for line in figures["ageing"]} == owners
    with (office.parent / "registry.csv").open(encoding="utf-8", newline="") as handle:
        lives = Counter(row["KEC_NAME"].upper() for row in csv.DictReader(handle))
    assert {line["name"]: line["people"] for line in figures["districts"] if line["people"]} == lives
    proposed = Counter(
        item["source"] for item in items if item["proposed_nik"] and item["source"] != REGISTRY
    )
    assert sum(line["with_proposal"] for line in figures["districts"]) >= proposed.total()
    for machine in figures["machine"]:
        assert machine["sought"] - machine["unlinked"] >= proposed[machine["source"]]
        for level in machine["weights"]:
            assert level["weight"] == pytest.approx(log2(level["m"] / level["u"]), abs=0.02)


def test_a_report_is_had_again_and_a_month_on_one_page(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(office, TUESDAY) == 0
    again = office.parent / "again"
    capsys.readouterr()
    asked = ["report", "--config", str(office), "--to", str(again)]
    assert main([*asked, "--date", MONDAY]) == 0
    assert capsys.readouterr().out.splitlines() == [str(again / "report.html"), str(again / "report.json")]
    published = office.parent / "outbox" / MONDAY
    assert (again / "report.json").read_bytes() == (published / "report.json").read_bytes()
    page = (published / "report.html").read_text(encoding="utf-8")
    without = re.sub(r' <a href="quality/index.html">[^<]*</a>', "", page)
    assert (again / "report.html").read_text(encoding="utf-8") == without  # the gates' pages are not there
    assert main([*asked, "--month", "2026-11"]) == 0
    month = (again / "month.html").read_text(encoding="utf-8")
    assert f"<strong>{len(EXPECTED)}</strong> <b>butir menunggu</b>" in month
    assert not (again / "report.html").exists()


def test_a_report_of_a_day_without_one(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--config", str(office), "--date", "2025-01-01"]) == 1
    assert "2025-01-01: no report of that date is kept" in capsys.readouterr().err
    assert main(["report", "--config", str(office), "--month", "2025-01"]) == 1
    assert "2025-01: nothing was published in that month" in capsys.readouterr().err
    (office.parent / "mine").mkdir()
    (office.parent / "mine" / "letter.txt").write_text("keep me")
    command = ["report", "--config", str(office), "--date", MONDAY, "--to", str(office.parent / "mine")]
    assert main(command) == 1
    assert "holds other files" in capsys.readouterr().err
    assert (office.parent / "mine" / "letter.txt").exists()


def test_the_same_day_again_gives_the_same_bytes(office: Path) -> None:
    folder = office.parent / "outbox" / MONDAY
    first = digests(folder)
    assert run(office, MONDAY) == 0
    assert digests(folder) == first


def test_another_folder_gives_the_same_bytes(office: Path, kupang: Path) -> None:
    assert run(kupang, MONDAY) == 0
    assert digests(kupang.parent / "outbox") == digests(office.parent / "outbox")


def test_the_next_day_finds_the_same_items_a_day_older(office: Path) -> None:
    assert run(office, TUESDAY) == 0
    before, after = ({item["item_id"]: item for item in worklist(office, day)} for day in (MONDAY, TUESDAY))
    assert before.keys() == after.keys()
    assert {item["status"] for item in after.values()} == {"open"}
    assert {item["age_days"] for item in after.values()} == {"1"}
    assert {item["first_seen"] for item in after.values()} == {MONDAY}


def test_what_is_put_right_is_resolved(office: Path) -> None:
    patients = office.parent / "pasien.csv"
    text = patients.read_text(encoding="utf-8")
    patients.write_text(text.replace("5301094312700020", "5301094312700002"), encoding="utf-8")
    assert run(office, TUESDAY) == 0
    status = {item["source_record_id"]: item["status"] for item in worklist(office, TUESDAY)}
    assert status.pop("000107") == "resolved"
    assert set(status.values()) == {"open"}
    assert run(office, WEDNESDAY) == 0
    assert "000107" not in {item["source_record_id"] for item in worklist(office, WEDNESDAY)}


def test_a_source_that_is_gone_resolves_nothing_and_ends_with_4(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (office.parent / "siswa.csv").unlink()
    capsys.readouterr()
    assert run(office, TUESDAY) == 4
    assert SCHOOLS in capsys.readouterr().out
    items = worklist(office, TUESDAY)
    assert {found(item) for item in items} == EXPECTED
    assert {item["status"] for item in items} == {"open"}


def test_a_registry_that_cannot_be_read_stops_the_run(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (office.parent / "registry.csv").unlink()
    assert run(office, TUESDAY) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("padan: dukcapil: ")
    assert not (office.parent / "outbox" / TUESDAY).exists()


def test_a_registry_cut_in_half_publishes_nothing_and_ends_with_3(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = office.parent / "registry.csv"
    lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
    registry.write_text("".join(lines[:13]), encoding="utf-8")
    before = digests(office.parent / "outbox")
    capsys.readouterr()
    assert run(office, TUESDAY) == 3
    assert digests(office.parent / "outbox") == before
    (line,) = capsys.readouterr().err.splitlines()
    assert "dukcapil" in line
    assert "12" in line, "how many rows there are now"
    # Whole again, the day is done as if nothing had been.
    registry.write_text("".join(lines), encoding="utf-8")
    assert run(office, TUESDAY) == 0
    assert {item["status"] for item in worklist(office, TUESDAY)} == {"open"}


def test_nothing_that_a_run_prints_names_a_person(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office.parent / "siswa.csv").unlink()
    run(office, TUESDAY)
    printed = "".join(capsys.readouterr())
    assert printed
    for secret in ("5301", "Tefa", "TEFA", "Welmince", "1979"):
        assert secret not in printed


def test_every_item_can_be_explained(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for item in worklist(office, MONDAY):
        assert main(["explain", item["item_id"], "--config", str(office)]) == 0
        told = capsys.readouterr().out
        assert item["item_id"] in told
        assert item["source_record_id"] in told
        assert item["cause"] in told


def test_an_item_that_never_was_cannot_be(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "nosuchitem", "--config", str(office)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "no item nosuchitem" in line


def test_what_an_officer_rejects_is_silent_from_the_next_day_on(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dapodik's returned file: the boy without a record is "Bukan kesalahan"; the rest is left open."""
    rows = worklist(office, MONDAY)
    returned = office.parent / "kembali.csv"
    with returned.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(
            handle, ["item_id", "proposed_nik", "decision", "note"], extrasaction="ignore"
        )
        writer.writeheader()
        for row in rows:
            decision = "Bukan kesalahan" if row["cause"] == "NOT_REGISTERED" else ""
            writer.writerow({**row, "decision": decision, "note": "lahir di Malaysia"})
    assert main(["decide", str(returned), "--config", str(office)], today=date(2026, 11, 24)) == 0
    assert "1 keputusan diterima" in capsys.readouterr().out
    assert run(office, TUESDAY) == 0
    status = {item["cause"]: item["status"] for item in worklist(office, TUESDAY)}
    assert status.pop("NOT_REGISTERED") == "rejected"
    assert set(status.values()) == {"open"}
    assert run(office, WEDNESDAY) == 0
    assert "NOT_REGISTERED" not in {item["cause"] for item in worklist(office, WEDNESDAY)}


def test_purge_deletes_the_tables_first_and_the_outbox_a_year_later(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = office.parent / "data" / "records" / HOSPITAL / f"run_date={MONDAY}"
    assert tables.exists()
    assert main(["purge", "--config", str(office)], today=date(2026, 12, 1)) == 0
    assert tables.exists()
    assert main(["purge", "--config", str(office)], today=date(2027, 3, 1)) == 0
    assert not tables.exists()
    assert (office.parent / "outbox" / MONDAY).exists()
    assert f"run_date={MONDAY}" in capsys.readouterr().out
    assert main(["purge", "--config", str(office)], today=date(2028, 1, 1)) == 0
    assert not (office.parent / "outbox" / MONDAY).exists()


def test_check_tries_every_source_and_the_store(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(office)]) == 0
    assert capsys.readouterr().out.count("can be read") == 5
    (office.parent / "siswa.csv").unlink()
    assert main(["check", "--config", str(office)]) == 4
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in lines if "can be read" not in line] == [SCHOOLS]


def test_the_central_service_is_asked_instead_of_a_file(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the day after the first run it is asked, and whom it does not have the registry has to send up."""

    def answer(request: Request) -> Reply:
        asked = request.document
        if asked["NIK"] == "5301050505860006":
            return Reply({"content": [{"RESPON": "NIK tidak terdapat di database Kemendagri"}]})
        return Reply({"content": [{k: "Sesuai" for k in asked if k not in ("user_id", "password")}]})

    monkeypatch.setattr(source, "now", lambda: datetime(2026, 11, 24, 1))
    monkeypatch.setenv("PADAN_PUSAT_CLIENT_ID", "kantor")
    monkeypatch.setenv("PADAN_PUSAT_CLIENT_SECRET", "s3cret")
    before = office.read_text().partition("[[verdicts]]")[0]
    with serving(answer) as service:
        asking = f'location = "{service.base}"\nquota = 1000\nrate = 1000'
        office.write_text(f'{before}[[verdicts]]\nname = "pusat"\nlayout = "dukcapil-verify"\n{asking}\n')
        assert run(office, TUESDAY) == 0
        assert len(service.requests) == len({r.document["NIK"] for r in service.requests}) > 20
    rows = worklist(office, TUESDAY)
    assert [r["recorded_nik"] for r in rows if r["cause"] == "NIK_NOT_ONLINE"] == ["5301050505860006"]
