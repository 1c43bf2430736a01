"""The auditors' report: its figures add up, are the same on the page and in the file, and are nobody's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pyarrow as pa
import pytest

from pipelines.engine import write_table
from pipelines.publish.charts import bar
from pipelines.publish.gather import COMPLETENESS
from pipelines.publish.words import Words
from pipelines.records import RECORDS, Cause, ItemStatus
from pipelines.store import write_session
from pipelines.store.models import Decision, DecisionFile, GateResult, ItemState, Report, Run, RunCount
from tests.publish.items import everyday, item
from tests.publish.office import COUNTS, PERSON, Office, build_office
from tests.publish.programs import chromium


class Page(HTMLParser):
    """What a reader of the page finds: its text, elements, and each table's cells by caption."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.text = ""
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
            self.text += " "

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, text: str) -> None:
        if "style" in self._open:
            return
        self.text += text
        if self._open[-1:] == ["h2"]:
            self.headings.append(text)
        if "caption" in self._open:
            self._caption += text
        elif "td" in self._open or "th" in self._open:
            self._rows[-1][-1] += text if "small" not in self._open else ""

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]


def page(office: Office) -> Page:
    """The published page, read."""
    return Page((office.folder / "report.html").read_text("utf-8"))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_published_figures_are_as_their_schema_says(published: Office) -> None:
    schema = json.loads(files("pipelines.publish").joinpath("report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(published.figures(), schema, cls=jsonschema.Draft202012Validator)
    for broken in ({"headline": {}}, {"causes": [{}]}, {"name": "MARIA"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(
                {**published.figures(), **broken}, schema, cls=jsonschema.Draft202012Validator
            )


def test_the_headline_is_the_account_and_the_worklist(published: Office) -> None:
    assert published.figures()["headline"] == {
        "received": 5 + 1500 + 4 + 3,
        "accounted": 5 + 1500 + 4 + 3,
        "wrong_numbers": 5,
        "checked_records": 1497 + 4,
        "waiting": 8,
        "with_proposal": 5,
        "most_urgent": 2,
        "oldest_days": 4,
    }


def test_every_equation_of_the_account_is_printed_and_adds_up(published: Office) -> None:
    equations = [e for source in published.figures()["account"] for e in source["equations"]]
    assert len(equations) == 5 + 5 + 5 + 2
    for equation in equations:
        assert equation["difference"] == 0
        assert equation["whole"]["count"] == sum(part["count"] for part in equation["parts"])
    text = flat(page(published).text)
    assert "1.500 baris dibaca = 1.499 baris mentah + 1 karantina saat dibaca ✓ cocok" in text
    assert "1.499 baris mentah = 1.497 rekaman + 2 karantina saat dibakukan ✓ cocok" in text
    assert "5 temuan = 4 ada di daftar kerja + 1 sudah diputuskan bukan kesalahan ✓ cocok" in text
    whole = "1.512 baris dibaca = 1.505 rekaman + 3 jawaban + 1 karantina saat dibaca + 3 karantina saat dibakukan"
    assert f"Persamaan seluruh sumber: {whole} ✓ cocok" in text


def test_an_account_that_does_not_add_up_is_said_loudly(office: Office) -> None:
    office.publish(counts={**COUNTS, "rsud-naibonat": {**COUNTS["rsud-naibonat"], "records": 1490}})
    text = flat(page(office).text)
    assert "1.499 baris mentah = 1.490 rekaman + 2 karantina saat dibakukan ✗ selisih 7" in text
    assert "7 baris tidak dapat dipertanggungjawabkan." in text


def test_a_source_that_could_not_be_read_is_named_first_thing(office: Office) -> None:
    unread = {"unread": 1, "items.open": 1, "items.returned": 1, "items_standing": 2}
    office.publish(counts={**COUNTS, "dapodik-kupang": unread})
    text = flat(page(office).text)
    assert "Tidak dapat dibaca: dapodik-kupang; butirnya tetap seperti semula." in text
    assert "2 butir menunggu = 0 dengan temuan hari ini + 2 tetap, karena sumbernya tidak terbaca" in text
    figures = office.figures()
    assert [source["source"] for source in figures["quality"]] == ["dukcapil", "rsud-naibonat"]
    assert figures["provenance"]["unread"] == ["dapodik-kupang"]


def test_items_of_a_source_that_is_no_longer_configured_are_accounted_for(office: Office) -> None:
    office.publish(counts={**COUNTS, "puskesmas-lama": {"items.open": 3, "items_standing": 3}})
    last = office.figures()["account"][-1]
    assert (last["source"], last["role"], last["unread"]) == ("puskesmas-lama", "former", False)
    assert last["equations"] == [
        {
            "whole": {"what": "items_waiting", "count": 3},
            "parts": [{"what": "items_with_finding", "count": 0}, {"what": "items_standing", "count": 3}],
            "difference": 0,
        }
    ]
    assert "puskesmas-lama" in page(office).text


def test_causes_are_the_worklist_counted_again(published: Office) -> None:
    causes = published.figures()["causes"]
    for cause in Cause:
        for status in ItemStatus:
            expected = sum(row["cause"] == cause and row["status"] == status for row in everyday())
            assert sum(line[status] for line in causes if line["cause"] == cause) == expected
    assert [line["cause"] for line in causes] == sorted(
        (line["cause"] for line in causes), key=[*Cause].index
    )


def test_the_page_shows_causes_most_frequent_first_with_both_owners(office: Office) -> None:
    rows = [item(n, cause="NIK_WRONG") for n in range(3)] + [
        item(9, cause="NIK_MISSING", owner="dukcapil", proposed_nik=None, confidence=None)
    ]
    office.publish(items=rows)
    table = page(office).tables["Butir menurut sebab"]
    assert [row[:1] + row[2:4] for row in table[1:]] == [["NIK keliru", "3", "0"], ["NIK kosong", "1", "0"]]
    assert [row[:2] for row in page(office).tables["Butir menurut pihak yang harus bertindak"][1:]] == [
        ["rsud-naibonat", "3"],
        ["dukcapil", "1"],
    ]


def test_quality_is_measured_on_the_records_themselves(published: Office) -> None:
    quality = {line["source"]: line for line in published.figures()["quality"]}
    hospital = quality["rsud-naibonat"]
    full = dict.fromkeys(COMPLETENESS, 1.0)
    assert hospital["completeness"] == {
        **full,
        "nik": round(1398 / 1497, 6),
        "mother_name": round(1299 / 1497, 6),
    }
    assert hospital["validity"] == round(1200 / 1398, 6)
    assert hospital["agreement"] == round(1492 / 1497, 6)
    assert (quality["dukcapil"]["agreement"], quality["dukcapil"]["uniqueness"]) == (None, 0.75)
    assert (quality["dapodik-kupang"]["agreement"], quality["dapodik-kupang"]["uniqueness"]) == (0.5, 0.75)


def test_gates_that_were_not_met_come_first_with_what_they_saw(published: Office) -> None:
    assert [gate["success"] for gate in published.figures()["gates"]] == [False, True]
    read = page(published)
    assert "1 dari 2 harapan terpenuhi." in flat(read.text)
    (line,) = read.tables["Harapan yang tidak terpenuhi"][1:]
    assert line[1:] == [
        "rekaman baku",
        "records/rsud-naibonat",
        "peringatan",
        "✗ tidak terpenuhi",
        "0,0421",
        "",
        "–",
    ]


def test_the_details_are_linked_only_where_they_are(published: Office) -> None:
    assert "quality/index.html" not in (published.folder / "report.html").read_text("utf-8")
    docs = published.settings.folder("quality_docs")
    docs.mkdir(parents=True)
    (docs / "index.html").write_text("<p>mutu</p>")
    published.publish()
    assert {"href": "quality/index.html"} in page(published).all("a")


def test_quarantine_is_told_by_source_and_reason(published: Office) -> None:
    assert page(published).tables["Yang tidak dapat dibaca, menurut sumber dan alasan"][1:] == [
        ["rsud-naibonat", "dibaca", "seluruh baris", "", "kolom kurang", "23 columns, seen 22", "1"],
        ["rsud-naibonat", "dibakukan", "nilainya saja", "tgl_lahir", "tanggal tidak ada dalam kalender",
         "23 columns, seen 22", "1"],
    ]  # fmt: skip


def remember(office: Office, day: date, state: str, waiting: int) -> None:
    """Leave a run of an earlier (or later) day in the store."""
    with write_session(office.settings.store) as session:
        session.add(Run(run_date=day, state=state, code_version="0", config_sha256="0", sources={}))
        session.flush()
        for source, measure, count in (
            ("rsud-naibonat", "rows_read", 100),
            ("rsud-naibonat", "items.open", waiting - 1),
            ("dapodik-kupang", "items.new", 1),
            ("rsud-naibonat", "items.resolved", 4),
            ("rsud-naibonat", "records_with_number_finding", 9),
        ):
            session.add(RunCount(run_date=day, source=source, measure=measure, count=count))


def test_the_trend_is_that_of_earlier_published_runs_alone(office: Office) -> None:
    remember(office, date(2026, 11, 20), "published", 30)
    remember(office, date(2026, 11, 22), "failed", 99)
    remember(office, date(2026, 11, 23), "published", 12)
    remember(office, date(2026, 11, 25), "published", 77)
    office.publish()
    days = [(line["run_date"], line["waiting"]) for line in office.figures()["history"]]
    assert days == [("2026-11-20", 30), ("2026-11-23", 12), ("2026-11-24", 8)]
    assert office.figures()["history"][0] == {
        "run_date": "2026-11-20",
        "received": 100,
        "wrong_numbers": 9,
        "waiting": 30,
        "came": 1,
        "closed": 4,
    }
    labels = [svg["aria-label"] for svg in page(office).all("svg") if svg.get("role") == "img"]
    said = "Butir yang menunggu dari 20 November 2026 (30) sampai 24 November 2026 (8), serta"
    assert f"{said} yang baru dan yang selesai tiap terbitan" in labels
    assert [row[3] for row in page(office).tables["Terbitan demi terbitan"][1:]] == ["8", "12", "30"]


def judge(office: Office, day: date, *answers: tuple[str, float | None, str]) -> None:
    """Leave answers in the store that count from ``day`` on: an item's cause, its confidence, the decision."""
    shown = day - timedelta(days=1)
    with write_session(office.settings.store) as session:
        session.add(Run(run_date=shown, state="published", code_version="0", config_sha256="0", sources={}))
        file = {
            "file_sha256": f"{day:%Y%m%d}",
            "received_at": datetime(2026, 11, 20, 9),
            "effective_date": day,
        }
        session.add(DecisionFile(**file, rows=len(answers), taken=len(answers), refused=0))
        session.flush()
        for number, (cause, confidence, decision) in enumerate(answers):
            name = f"P-{day:%d}-{number}"
            session.add(
                ItemState(
                    item_id=name, run_date=shown, status="open", owner="rsud-naibonat", priority=1,
                    source="rsud-naibonat", source_record_id=f"{number}", cause=cause, confidence=confidence,
                    evidence="", first_seen=shown, last_seen=shown, details={},
                )
            )  # fmt: skip
            session.add(Decision(item_id=name, decision=decision, **file))


def test_how_officers_judged_the_proposed_numbers(office: Office) -> None:
    judge(
        office,
        date(2026, 11, 21),
        ("NIK_WRONG", 0.93, "corrected"),
        ("NIK_MISTYPED", 0.995, "corrected"),
        ("NIK_MISTYPED", 0.999, "corrected"),
        ("NIK_MISTYPED", 0.99, "rejected"),
        ("NIK_MISTYPED", 0.6, "rejected"),
        ("NIK_MISTYPED", 0.995, "forwarded"),  # says nothing of the number
        ("NIK_INACTIVE", None, "rejected"),  # nothing was proposed
    )
    judge(office, date(2026, 11, 25), ("NIK_WRONG", 0.99, "rejected"))  # after this run
    office.publish()
    lines = [list(line.values()) for line in office.figures()["agreement"]]
    assert lines == [
        ["NIK_MISTYPED", "0.99+", 2, 1],
        ["NIK_MISTYPED", "0.5-0.9", 0, 1],
        ["NIK_WRONG", "0.9-0.99", 1, 0],
    ]
    test_the_published_figures_are_as_their_schema_says(office)


def test_a_first_publication_says_that_it_is_the_first(published: Office) -> None:
    assert "Ini terbitan pertama" in page(published).text


def test_nothing_published_for_auditors_is_a_person_s(office: Office) -> None:
    entry = {"name": "pasien 5301040101900001.csv", "sha256": "0" * 64, "bytes": 1, "rows": 3}
    folder = office.settings.folder("raw/rsud-naibonat")
    (folder / "inputs.json").write_text(json.dumps([entry]), encoding="utf-8")
    office.publish()
    for name in ("report.html", "report.json"):
        text = (office.folder / name).read_text("utf-8")
        assert not re.search(r"(?<![0-9a-f])\d{16}(?![0-9a-f])", text)
        for row in everyday():
            for own in ("person_name", "recorded_nik", "proposed_nik", "evidence", "item_id"):
                assert len(row[own] or "-") < 2 or row[own] not in text
            assert row["birth_date"].isoformat() not in text
        assert "5301********0001" in text


OUTSIDE = re.compile(
    r"(?i)\b[a-z][a-z0-9+.-]*://|\b(?:src|href|action|poster|data)\s*=\s*[\"']?//|@import|url\("
)


def keep(office: Office, day: date, **changes: Any) -> None:
    """Leave a published run of a day whose report was today's but for ``changes`` of the hospital's quality."""
    hospital = next(line for line in office.figures()["quality"] if line["source"] == "rsud-naibonat")
    inputs = {source: [entry["sha256"] for entry in entries]
              for source, entries in office.figures()["provenance"]["inputs"].items()}  # fmt: skip
    quality = {**hospital, **changes}
    inputs["rsud-naibonat"] = changes.pop("inputs", inputs["rsud-naibonat"])
    quality.pop("inputs", None)
    with write_session(office.settings.store) as session:
        session.add(Run(run_date=day, state="published", code_version="0", config_sha256="0", sources={}))
        session.add(Report(run_date=day, document=b"", trend={"quality": [quality], "inputs": inputs}))


def drifts(office: Office) -> list[tuple[str, str | None]]:
    """What the published report says is not as it was."""
    return [(line["what"], line["of"]) for line in office.figures()["drift"]]


def test_what_changed_since_the_last_publication(published: Office) -> None:
    assert published.figures()["quality"][1]["unchanged_days"] is None  # nobody can know
    keep(published, date(2026, 11, 20), validity=0.95, records=1400)
    keep(published, date(2026, 11, 22), validity=0.75, agreement=0.9, records=1490)
    published.publish()
    (line,) = page(published).tables["Perubahan menurut sumber, dalam poin persen"][1:]
    assert line == ["rsud-naibonat", "22 November 2026", "+7", "±0,00", "+10,84", "±0,00", "+9,67"]
    points = [p for p in published.figures()["quality_history"] if p["source"] == "rsud-naibonat"]
    assert [(p["run_date"], p["validity"]) for p in points] == [
        ("2026-11-20", 0.95), ("2026-11-22", 0.75), ("2026-11-24", round(1200 / 1398, 6)),
    ]  # fmt: skip
    assert "Mutu tiap sumber dari terbitan ke terbitan" in page(published).tables
    assert drifts(published) == []


@pytest.mark.parametrize(
    ("was", "told"),
    [
        (
            {"completeness": {**dict.fromkeys(COMPLETENESS, 1.0), "mother_name": 0.9}},
            ("field_less", "mother_name"),
        ),
        ({"completeness": {**dict.fromkeys(COMPLETENESS, 1.0), "sex": 0.0}}, ("field_new", "sex")),
        ({"validity": 0.9}, ("share_less", "validity")),
        ({"columns": ["no_ktp", "no_rkm_medis", "suku"]}, ("column_gone", "suku")),
        ({"columns": ["no_rkm_medis"]}, ("column_new", "no_ktp")),
        ({"codes": {"sex": ["L", "P"]}}, ("code_gone", "sex L")),
        ({"codes": {"status": ["deceased"]}}, ("code_new", "status active")),
        ({"records": 1100}, ("records_more", None)),
        ({"records": 1700}, ("records_less", None)),
    ],
    ids=["less", "new", "share", "column", "new column", "code", "new code", "more", "fewer"],
)
def test_what_is_not_as_usual_is_told(
    published: Office, was: dict[str, Any], told: tuple[str, str | None]
) -> None:
    keep(published, date(2026, 11, 23), **was)
    published.publish()
    assert told in drifts(published)
    assert "Tidak ada yang menyimpang" not in page(published).text


def test_a_field_that_is_no_longer_filled_is_told(published: Office) -> None:
    keep(published, date(2026, 11, 23))
    empty = [{**PERSON, "source": "rsud-naibonat", "source_record_id": "000001", "mother_name": None}] * 1497
    write_table(
        pa.Table.from_pylist(empty, schema=RECORDS), published.settings.folder("records/rsud-naibonat")
    )
    published.publish()
    assert ("field_gone", "mother_name") in drifts(published)
    assert "kolom nama ibu tidak terisi lagi (sebelumnya 86,8%)" in flat(page(published).text)


def test_a_source_that_sends_the_same_as_ever_has_gone_silent(published: Office) -> None:
    keep(published, date(2026, 11, 10), inputs=["f" * 64])
    keep(published, date(2026, 11, 16))
    keep(published, date(2026, 11, 23))
    published.publish()
    hospital = published.figures()["quality"][1]
    assert hospital["unchanged_days"] == 8
    told = [line["source"] for line in published.figures()["drift"] if line["what"] == "silent"]
    assert "rsud-naibonat" in told
    assert "mengirim data yang sama sejak 8 hari" in flat(page(published).text)


def test_a_gate_is_shown_with_what_it_saw_before(office: Office) -> None:
    for day, seen, met in ((20, 0.03, True), (21, 0.05, False), (22, 0.04, True)):
        when = date(2026, 11, day)
        with write_session(office.settings.store) as session:
            session.add(
                Run(run_date=when, state="published", code_version="0", config_sha256="0", sources={})
            )
            session.flush()
            session.add(
                GateResult(
                    run_date=when, gate="records", table_name="records/rsud-naibonat",
                    expectation="missing_usual", severity="warning", success=met, observed=seen,
                )
            )  # fmt: skip
    office.publish()
    gate = next(line for line in office.figures()["gates"] if line["expectation"] == "missing_usual")
    assert (gate["runs"], gate["runs_failed"], gate["least"], gate["most"]) == (3, 1, 0.03, 0.05)
    assert "1 dari 3 tidak terpenuhi" in page(office).tables["Harapan yang tidak terpenuhi"][1]


def test_the_flow_of_rows_adds_up_in_every_node(published: Office) -> None:
    flow = published.figures()["flow"]
    goes, comes = Counter[str](), Counter[str]()
    for line in flow:
        goes[line["origin"]] += line["rows"]
        comes[line["goal"]] += line["rows"]
    assert sum(rows for node, rows in goes.items() if node.startswith("source:")) == 1512
    for node in goes.keys() & comes.keys():
        assert goes[node] == comes[node], node
    ends = {node: rows for node, rows in comes.items() if node not in goes and rows}
    assert ends == {
        "answers": 3, "quarantined_extract": 1, "quarantined_standardise": 3,
        "records_without_number_finding": 1500, "on_worklist": 4, "rejected_before": 1,
    }  # fmt: skip
    assert sum(ends.values()) == 1512


def test_the_table_of_the_flow_has_every_band_that_is_drawn(published: Office) -> None:
    rows = page(published).tables["Perjalanan setiap baris, dari sumber sampai daftar kerja"][1:]
    assert ["rsud-naibonat", "rekaman", "1.497"] in rows
    assert ["NIK keliru", "sudah diputuskan bukan kesalahan", "1"] in rows
    assert len(rows) == sum(line["rows"] > 0 for line in published.figures()["flow"])


def test_how_long_items_wait_and_where(published: Office) -> None:
    figures = published.figures()
    waiting = figures["headline"]["waiting"]
    assert sum(line["waiting"] for line in figures["ageing"]) == waiting
    assert sum(line["waiting"] for line in figures["districts"]) == waiting
    assert {line["band"] for line in figures["ageing"]} == {"0-6"}


def test_items_are_as_old_as_their_band_says(office: Office) -> None:
    ages = {0: "0-6", 6: "0-6", 7: "7-29", 29: "7-29", 30: "30-89", 89: "30-89", 90: "90+", 4000: "90+"}
    office.publish([item(n, owner="dukcapil", age_days=age) for n, age in enumerate(ages)])
    assert {line["band"]: line["waiting"] for line in office.figures()["ageing"]} == dict.fromkeys(
        ages.values(), 2
    )


def test_the_machine_tells_how_sure_it_is_and_how_often_right(published: Office) -> None:
    (machine,) = published.figures()["machine"]
    # Beside the three with candidates the 99 without a number and without any: nobody was found for them.
    assert (machine["sought"], machine["unlinked"]) == (3 + 99, 1 + 99)
    assert machine["seen"] == [
        {"least": -12, "believed": 0, "doubted": 1},
        {"least": 20, "believed": 2, "doubted": 0},
    ]
    assert [level["level"] for level in machine["weights"]] == ["hari yang sama", "tanggal lain"]
    assert machine["reliability"][1] == {"confidence": 0.991, "right": 0.995, "answers": 2960.0}
    tables = page(published).tables
    assert ["rsud-naibonat", "99,10%", "99,50%", "2.960"] in tables["Keyakinan dan kebenaran"]
    day = ["tanggal lahir", "hari yang sama", "12,50", "90,00%", "1 : 6.410"]
    assert day in tables["Tabel bobot: rsud-naibonat"]
    assert ["tanggal lahir", "tanggal lain", "-5,25", "2,00%", "76,00%"] in tables[
        "Tabel bobot: rsud-naibonat"
    ]


def test_the_machine_tells_which_keys_were_too_common(office: Office) -> None:
    office.publish()
    shown = page(office)
    assert ["nomor KK", "4.120", "3", "1"] in shown.tables["Cara calon ditemukan"]
    assert "Rekaman dengan kunci yang dibagi: 57; di antaranya tanpa calon sama sekali: 2." in flat(
        shown.text
    )


def test_without_a_linkage_the_report_says_none_of_it(office: Office) -> None:
    shutil.rmtree(office.settings.folder("matches"))
    office.publish()
    assert office.figures()["machine"] == []
    assert office.figures()["blocking"] is None
    assert "Pencarian orang, menurut sumber" not in page(office).tables


def test_a_figure_in_a_picture_is_written_as_in_a_table(office: Office) -> None:
    for day, waiting in ((18, 5_000), (20, 3_000)):
        remember(office, date(2026, 11, day), "published", waiting)
    office.publish()
    html = (office.folder / "report.html").read_text("utf-8")
    (drawing,) = re.findall(
        r'<svg class="chart"[^>]*aria-label="Butir yang menunggu dari.*?</svg>', html, re.DOTALL
    )
    assert ">5.000</text>" in drawing
    assert ">18-11-26</text>" in drawing
    assert not re.search(r"\d\.\d{3,}", re.sub(r">[^<]*<", "><", drawing).partition(">")[2]), (
        "no more decimals than can be seen"
    )


def test_kecamatan_where_nobody_of_the_registry_lives_are_in_the_table_alone(office: Office) -> None:
    office.publish([item(1), item(2, district="53.71.01", district_name="ALAK")])
    assert [row[0] for row in page(office).tables["Butir menunggu menurut kecamatan"][1:]] == [
        "SASITAMEAN",
        "ALAK",
    ]
    html = (office.folder / "report.html").read_text("utf-8")
    assert ">SASITAMEAN</text>" in html
    assert ">ALAK</text>" not in html


def test_three_months_make_no_large_page(published: Office) -> None:
    for back in range(1, 90):
        day = date(2026, 11, 24) - timedelta(back)
        remember(published, day, "published", 100 + back)
        with write_session(published.settings.store) as session:
            quality = published.figures()["quality"]
            session.add(Report(run_date=day, document=b"", trend={"quality": quality, "inputs": {}}))
    published.publish()
    assert len(published.figures()["history"]) == 90
    assert len(published.figures()["quality_history"]) == 90 * 3
    assert (published.folder / "report.html").stat().st_size < 3_000_000


def test_the_page_has_no_outside_address_and_no_script(published: Office) -> None:
    html = (published.folder / "report.html").read_text("utf-8")
    assert not OUTSIDE.search(html)
    read = Page(html)
    assert not read.all("script")
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    assert {a["href"] for a in read.all("a")} <= {f"#{s['id']}" for s in read.all("section")}
    assert "default-src 'none'" in str(read.all("meta"))


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_can_be_read_by_ear(tmp_path: Path, language: Literal["id", "en"]) -> None:
    office = build_office(tmp_path, language)
    office.publish()
    read = page(office)
    assert read.all("html") == [{"lang": language}]
    assert len(read.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert "" not in read.tables
    assert len(read.tables) == len(read.all("table"))
    assert all(cell.get("scope") for cell in read.all("th"))
    assert all(svg.get("aria-hidden") == "true" or svg.get("aria-label") for svg in read.all("svg"))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {s["aria-labelledby"] for s in read.all("section")} <= set(ids)
    regions = [area["aria-label"] for area in read.all("div") if area.get("role") == "region"]
    assert len(regions) == len(set(regions))
    assert not set(regions) & {flat(title) for title in read.headings}


def test_the_languages_tell_the_same_figures(tmp_path: Path) -> None:
    pages = {}
    for language in ("id", "en"):
        office = build_office(tmp_path / language, language)
        office.publish(gates=[])
        pages[language] = page(office)
    numbers = {
        language: [
            [cell for row in table for cell in row if re.fullmatch(r"[\d.,%]+", cell)] for table in tables
        ]
        for language, tables in ((language, read.tables.values()) for language, read in pages.items())
    }
    swapped = str.maketrans(".,", ",.")
    as_english = [[cell.translate(swapped) for cell in table] for table in numbers["id"]]
    assert sum(map(len, as_english)) > 50
    # The last table names files and their sizes in bytes, the one before it counts columns in words.
    assert as_english[:-1] == numbers["en"][:-1]


def test_what_a_source_is_called_cannot_become_markup(office: Office) -> None:
    gates = [{"gate": "raw", "table_name": "<script>", "expectation": "a&b", "severity": "warning",
              "success": False, "observed": None, "unexpected": 3, "detail": "<b>\"'"}]  # fmt: skip
    office.publish(gates=gates)
    html = (office.folder / "report.html").read_text("utf-8")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert page(office).tables["Harapan yang tidak terpenuhi"][1][0] == "<b>\"'"


@pytest.mark.slow
def test_a_browser_shows_it_with_the_network_refused(published: Office, tmp_path: Path) -> None:
    shown = subprocess.run(
        [
            chromium(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--dump-dom",
            (published.folder / "report.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert Page(shown.stdout).tables == page(published).tables
    assert "CONSOLE" not in shown.stderr


def test_a_bar_is_as_long_as_its_parts_are_large() -> None:
    widths = [float(w) for w in re.findall(r'width="([\d.]+)"', bar([("clean", 3), ("wrong", 1)], 8))]
    assert widths == [37.5, 12.5]
    assert "rect" not in bar([("clean", 0)], 0)
    assert 'width="0.4"' in bar([("wrong", 1)], 1_000_000)


def keys(tree: dict[str, Any], above: str = "") -> set[str]:
    """Every path of a language's file."""
    found: set[str] = set()
    for key, value in tree.items():
        found |= keys(value, f"{above}{key}.") if isinstance(value, dict) else {above + key}
    return found


def test_both_languages_have_the_same_words() -> None:
    indonesian, english = (Words(language) for language in ("id", "en"))
    assert keys(indonesian._tree) == keys(english._tree)
    for path in keys(indonesian._tree):
        one, two = indonesian._at(path), english._at(path)
        assert isinstance(one, type(two))
        assert len(one) == len(two) if isinstance(one, list) else True
        if isinstance(one, str):
            assert sorted(re.findall(r"\{\w+\}", one)) == sorted(re.findall(r"\{\w+\}", two))


def test_words_follow_the_habits_of_their_language() -> None:
    indonesian, english = Words("id"), Words("en")
    assert (indonesian.number(1234567), english.number(1234567)) == ("1.234.567", "1,234,567")
    assert (indonesian.share(0.12345), english.share(0.12345)) == ("12,3%", "12.3%")
    assert (indonesian.day(date(2026, 8, 17)), english.day(date(2026, 8, 17))) == (
        "17 Agustus 2026",
        "17 August 2026",
    )
    assert indonesian.share(None) == "–"
    with pytest.raises(KeyError):
        indonesian("sheet.unknown")
    assert {c: indonesian.either("cause", c) for c in Cause}.keys() == set(Cause)
    assert indonesian.either("cause", "SOMETHING_NEW") == "SOMETHING_NEW"
