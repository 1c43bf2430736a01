"""The command as people and schedulers meet it: what it says, where, and with which exit code."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import pipelines.run
from pipelines import __version__, cli
from pipelines.engine import Artifact
from pipelines.errors import GateFailed, SourceUnreadable
from pipelines.progress import Progress, unseen, watching
from pipelines.run import Outcome
from pipelines.settings import Settings

TODAY = date(2026, 11, 24)
COMMANDS = (
    *("run", "check", "layout", "demo", "sample", "explain"),
    *("decide", "approve", "verify", "purge", "erase"),
)


def says(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    """The lines on standard output and on standard error."""
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Runs that succeed without doing anything; the settings of each."""
    seen: list[Settings] = []

    def run(settings: Settings, watch: Any) -> Outcome:
        seen.append(settings)
        return Outcome(Artifact(str(settings.outbox / str(settings.run_date)), 0, ""), {})

    monkeypatch.setattr(pipelines.run, "run", run)
    monkeypatch.setattr("pipelines.summary.summary", lambda outcome, settings: "done")
    return seen


def fails_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run(settings: Settings, watch: Any) -> Outcome:
        raise error

    monkeypatch.setattr(pipelines.run, "run", run)


# --- help


def test_help_names_every_command_and_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^    {command} ", text, re.MULTILINE), command
    for code in "01234":
        assert re.search(rf"\b{code} \w", text), code


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_example_that_its_own_grammar_accepts(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    (example,) = re.findall(rf"example: padan ({command} .*|{command})$", text)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "worklist.xlsx").touch()
    (tmp_path / "outbox" / "2026-11-24").mkdir(parents=True)
    arguments = cli.parser(TODAY).parse_args(example.split())
    assert arguments.command.__name__ == f"_{command}"


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"padan {__version__}\n"


# --- which configuration, which date


def test_a_run_without_words_is_todays_with_the_file_that_lies_here(
    kupang: Path, ran: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kupang.parent)
    assert cli.main(["run"], today=TODAY) == 0
    assert ran[0].run_date == TODAY
    assert ran[0].config_file == kupang


def test_the_environment_names_another_file_and_the_option_counts_more(
    kupang: Path, ran: list[Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_bytes(kupang.read_bytes())
    monkeypatch.setenv("PADAN_CONFIG", str(other))
    assert cli.main(["run"], today=TODAY) == 0
    assert cli.main(["run", "--config", str(kupang), "--date", "2026-01-31"], today=TODAY) == 0
    assert [s.config_file for s in ran] == [other, kupang]
    assert [s.run_date for s in ran] == [TODAY, date(2026, 1, 31)]


# --- wrong usage: 2, nothing run


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "COMMAND"),
        (["sprint"], "sprint"),
        (["run", "--date", "24-11-2026"], "'24-11-2026' is no date; expected YYYY-MM-DD"),
        (["run", "--date", "2026-02-30"], "no date"),
        (["sample"], "DIR"),
        (["sample", "d", "--people", "0"], "expected a number above 0"),
        (["demo", "--people", "many"], "expected a number above 0"),
        (["decide", "not-there.xlsx"], "not-there.xlsx: no such file"),
        (["verify", "not-there"], "not-there: no such folder"),
        (["explain"], "ITEM"),
    ],
)
def test_wrong_usage_ends_with_2(argv: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(argv)
    assert end.value.code == 2
    out, err = says(capsys)
    assert not out
    assert told in err[-1]


def test_a_configuration_that_is_not_there_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["run"], ["check"], ["purge"], ["explain", "abc"]):
        assert cli.main(command) == 2
        _, (line,) = says(capsys)
        assert line.startswith(f"padan: {tmp_path / 'padan.toml'}: no such file")
        assert "--config" in line


def test_a_bad_configuration_lists_every_mistake_and_runs_nothing(
    kupang: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = kupang.read_text(encoding="utf-8")
    text = text.replace('"id"', '"jawa"').replace('layout = "khanza"', 'layout = "simrs"')
    text = text.replace('name = "dapodik-kupang"', 'name = "Dapodik Kupang"').replace("outbox ", "outbux ")
    text = text.replace('location = "verdicts.csv"', 'location = "env:PADAN_TEST_NOT_SET"')
    kupang.write_text(text, encoding="utf-8")
    assert cli.main(["run", "--config", str(kupang)]) == 2
    lines = capsys.readouterr().err.splitlines()
    told = "\n".join(lines)
    for key in ("language", "sources.0.layout", "sources.1.name", "outbux", "PADAN_TEST_NOT_SET"):
        assert key in told
    assert "'jawa'" in told
    assert "khanza" in told, "the layouts that there are"
    assert len(lines) == 5
    assert not (kupang.parent / "data").exists()
    assert not (kupang.parent / "padan.sqlite").exists()


# --- how a run ends


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (
            GateFailed("gate raw: dukcapil: 12 rows, expected at least 23"),
            3,
            "padan: gate raw: dukcapil: 12 rows, expected at least 23",
        ),
        (SourceUnreadable("dukcapil", "no file matches x.csv"), 1, "padan: dukcapil: no file matches x.csv"),
        (OSError(28, "No space left on device", "/srv/data"), 1, "padan: No space left on device: /srv/data"),
        (KeyboardInterrupt(), 1, "padan: stopped"),
    ],
)
def test_a_run_that_ends_badly_says_so_in_one_line(
    kupang: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    told: str,
) -> None:
    fails_with(monkeypatch, error)
    assert cli.main(["run", "--config", str(kupang)]) == code
    out, (line,) = says(capsys)
    assert not out
    assert line.startswith(told)


def test_what_the_system_said_to_duckdb_is_told(
    kupang: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(duckdb.IOException) as caught:
        duckdb.sql("from read_parquet('/nowhere/a.parquet')")
    fails_with(monkeypatch, caught.value)
    assert cli.main(["run", "--config", str(kupang)]) == 1
    _, (line,) = says(capsys)
    assert "/nowhere/a.parquet" in line


def test_what_to_do_is_told_where_memory_was_not_enough(
    kupang: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DuckDB's own error, Python's and Arrow's."""
    little = duckdb.connect(config={"memory_limit": "1MB", "temp_directory": ""})
    with pytest.raises(duckdb.OutOfMemoryException) as caught:
        little.execute("select list(range) from range(10_000_000)").fetchall()
    little.close()
    for error in (caught.value, MemoryError(), pa.ArrowMemoryError("malloc of size 64 failed")):
        fails_with(monkeypatch, error)
        assert cli.main(["run", "--config", str(kupang)]) == 1
        _, (line,) = says(capsys)
        assert line.startswith("padan: out of memory; raise memory under [resources]")


def test_an_unforeseen_error_tells_its_place_and_no_data(
    kupang: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails_with(monkeypatch, ValueError("cannot read MARIA BANA, 5301061203790003"))
    assert cli.main(["run", "--config", str(kupang)]) == 1
    _, (line,) = says(capsys)
    assert re.fullmatch(
        r"padan: unexpected ValueError in test_cli\.py line \d+; --debug shows the whole traceback", line
    )


@pytest.mark.parametrize("before", [True, False])
def test_debug_brings_the_traceback_wherever_it_is_said(
    kupang: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], before: bool
) -> None:
    fails_with(monkeypatch, ValueError("a bug"))
    run = ["run", "--config", str(kupang)]
    assert cli.main(["--debug", *run] if before else [*run, "--debug"]) == 1
    _, err = says(capsys)
    assert err[0] == "Traceback (most recent call last):"
    assert "ValueError: a bug" in err


def test_a_message_of_several_lines_is_still_one(
    kupang: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails_with(monkeypatch, SourceUnreadable("dukcapil", "connection refused\n\tIs the server running?"))
    assert cli.main(["run", "--config", str(kupang)]) == 1
    assert says(capsys)[1] == ["padan: dukcapil: connection refused Is the server running?"]


def test_published_without_a_source_ends_with_4(
    kupang: Path, monkeypatch: pytest.MonkeyPatch, ran: list[Settings]
) -> None:
    outcome = Outcome(Artifact("outbox", 0, ""), {"dapodik-kupang": "no file"})
    monkeypatch.setattr(pipelines.run, "run", lambda settings, watch: outcome)
    assert cli.main(["run", "--config", str(kupang)]) == 4


# --- progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def extract(source: object, rows: int) -> Artifact:
    return Artifact("somewhere", rows, "")


class Source:
    name = "rsud-naibonat"


def test_a_terminal_sees_a_line_for_each_stage() -> None:
    screen = Terminal()
    with watching(screen) as watch:
        assert watch(extract)(Source(), 219_653).rows == 219_653
    (line,) = [x for x in screen.getvalue().splitlines() if "219,653" in x]
    assert re.search(r"extract\s+rsud-naibonat\s+219,653 rows\s+\d+\.\d s", line)


def test_of_two_stages_at_once_each_gets_its_line() -> None:
    screen = Terminal()
    both = threading.Barrier(2)

    def standardise(source: object, rows: int) -> Artifact:
        both.wait(10)
        return Artifact("somewhere", rows, "")

    with watching(screen) as watch, ThreadPoolExecutor(2) as pool:
        assert [a.rows for a in pool.map(watch(standardise), [Source(), Source()], [1_001, 2_002])] == [
            1001,
            2002,
        ]
    lines = [x for x in screen.getvalue().splitlines() if " rows " in x]
    assert sorted(re.findall(r"[0-9,]+(?= rows)", "".join(lines))) == ["1,001", "2,002"]


def test_a_log_file_sees_nothing_of_it() -> None:
    log = io.StringIO()
    with watching(log) as watch:
        assert watch is unseen
        watch(extract)(Source(), 3)
    assert log.getvalue() == ""


def test_seconds_come_from_the_clock_that_is_given() -> None:
    from rich.console import Console

    screen = io.StringIO()
    ticks = iter([10.0, 12.5])
    Progress(Console(file=screen, width=120), clock=lambda: next(ticks))(extract)(Source(), 5)
    assert "2.5 s" in screen.getvalue()


def test_a_stage_that_fails_fails_through_the_watch() -> None:
    def stage() -> None:
        raise GateFailed("no")

    with watching(Terminal()) as watch, pytest.raises(GateFailed):
        watch(stage)()


# --- as a process


@pytest.mark.slow
def test_a_pipe_gets_no_escape_codes(kupang: Path) -> None:
    padan = Path(sys.executable).with_name("padan")
    done = subprocess.run(
        [padan, "run", "--config", kupang, "--date", "2026-11-24"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""
    assert "worklist" in done.stdout


def test_a_reader_that_went_away_is_no_error(kupang: Path) -> None:
    """`padan check | head -1`: what could not be written any more is nobody's loss."""
    program = [sys.executable, "-c", "from pipelines.cli import program; program()"]
    process = subprocess.Popen(
        [*program, "check", "--config", kupang], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    assert process.wait() in (0, 1)


def test_the_program_ends_with_the_commands_code_and_all_that_it_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipelines.cli import program; program()",
            "run",
            "--config",
            tmp_path / "x",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "no such file" in done.stderr
