"""The command ``padan``: what a person or a scheduler asks for, and how it ended.

Heavy rooms are imported inside the command that needs them, so that ``padan --help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NoReturn

from pipelines import __version__
from pipelines.errors import PadanError, visible
from pipelines.settings import NAME, ConfigError, Delivery, Settings, config_path, load_settings

OK, FAILED, WRONG_USAGE, UNREAD = 0, 1, 2, 4
"""Exit codes beside those that ``pipelines.errors`` and ``pipelines.run`` know."""

Command = Callable[[argparse.Namespace], int]

EPILOG = """\
examples:
  padan demo                                a synthetic population, start to end, into ./demo
  padan check --config padan.toml           can every source and the store be reached?
  padan layout suggest pasien.csv           which column is which? a draft to correct
  padan run --config padan.toml             the whole job for today
  padan run --date 2026-11-24               for a date; what that date had published is replaced
  padan status                              what waits, on whom, how long
  padan report --month 2026-11              the month on one page; --date for a day's report again
  padan COMMAND --help                      what a command takes, with an example

exit codes:
  0 done   2 wrong usage or configuration, nothing run   3 a quality gate stopped the run, nothing published
  4 published, but a source could not be read            1 anything else
"""


def main(argv: Sequence[str] | None = None, today: date | None = None) -> int:
    """Do what ``argv`` asks and return the exit code; ``today`` is the date where none is named."""
    arguments = parser(today or date.today()).parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        return _say(error.mistakes, WRONG_USAGE)
    except PadanError as error:
        return _say([str(error)], error.exit_code, arguments.debug)
    except KeyboardInterrupt:
        return _say(["stopped; nothing half-written is left, the same command starts again"], FAILED)
    except Exception as error:
        return _say([_unforeseen(error)], FAILED, arguments.debug)


def program() -> NoReturn:
    """What ``padan`` starts: ``main``, and then the end of the process."""
    leave(main())


def leave(code: int) -> NoReturn:
    """End the process without giving back its memory piece by piece, which takes a large run a quarter of a second.

    Everything is closed by then: stages leave nothing open behind them.
    """
    with suppress(OSError):  # nobody reads on
        sys.stdout.flush()
        sys.stderr.flush()
    logging.shutdown()
    os._exit(code)


def _say(lines: Sequence[str], code: int, debug: bool = False) -> int:
    if debug:
        traceback.print_exc()
    for line in lines:
        print(f"padan: {' '.join(visible(line).split())}", file=sys.stderr)
    return code


def _unforeseen(error: Exception) -> str:
    """One line for an error that nobody foresaw.

    The text of one that the system raised (disk full, no permission), be it to DuckDB, helps; of any other it may
    hold somebody's name or number, so only its place is told.
    """
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    if type(error).__name__ == "IOException":  # DuckDB's, of files alone
        return str(error).partition("\n")[0]
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return "out of memory; raise memory under [resources], or lower threads where the machine has no more"
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name} line {place.lineno}"
    return f"unexpected {type(error).__name__} in {where}; --debug shows the whole traceback"


def parser(today: date) -> argparse.ArgumentParser:
    """The grammar of the command, each part with an example."""
    common = argparse.ArgumentParser(add_help=False)
    # Before or after the command's name: the one of the subcommand must not take back what the other said.
    common.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="on an error, the traceback too"
    )
    configured = argparse.ArgumentParser(add_help=False, parents=[common])
    configured.add_argument(
        "--config",
        type=Path,
        default=config_path(),
        metavar="FILE",
        help="the configuration (default: $PADAN_CONFIG, else ./padan.toml)",
    )
    root = argparse.ArgumentParser(
        prog="padan",
        description="Finds the numbers (NIK) that do not agree between a civil registry and its agencies,\n"
        "and publishes a daily worklist of what to correct, why, and who has to act.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    root.add_argument("--version", action="version", version=f"padan {__version__}")
    commands = root.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(
        command: Command, example: str, parent: argparse.ArgumentParser = configured
    ) -> argparse.ArgumentParser:
        """One subcommand: its name and help are the function's own."""
        text = (command.__doc__ or "").strip()
        sub = commands.add_parser(
            command.__name__.strip("_"),
            help=text.partition("\n")[0],
            description=text,
            epilog=f"example: {example}",
            parents=[parent],
        )
        sub.set_defaults(command=command, today=today)
        return sub

    run = add(_run, "padan run --config /srv/padan/padan.toml --date 2026-11-24")
    run.add_argument(
        "--date", type=_date, default=today, metavar="YYYY-MM-DD", help="the run's date (default: today)"
    )
    add(_check, "padan check --config padan.toml")
    layout = add(_layout, "padan layout suggest export-pasien.csv")
    layout.add_argument("action", choices=["suggest"], help="draft a layout; the reasons stand in it")
    layout.add_argument(
        "location",
        metavar="FILE_OR_URL",
        help="a file or pattern, a database's address, env:NAME for either, or a source of --config",
    )
    layout.add_argument(
        "--query", metavar="SQL", help="of a database: what to read (default: the likeliest table)"
    )
    demo = add(_demo, "padan demo --people 20000 --dir demo", common)
    demo.add_argument("--dir", type=Path, default=Path("demo"), help="where it all lies (default: demo)")
    _population(demo)
    sample = add(_sample, "padan sample population --people 100000 --seed 7", common)
    sample.add_argument("folder", type=Path, metavar="DIR", help="where the files are written")
    _population(sample)
    add(_explain, "padan explain P-4DR2QOF4ZBKM").add_argument("item", metavar="ITEM", help="an item_id")
    decide = add(_decide, "padan decide worklist.xlsx --by SITI")
    decide.add_argument("file", type=_file, metavar="FILE")
    decide.add_argument("--by", default="", metavar="NAME", help="who answered (default: whose the file is)")
    approve = add(_approve, "padan approve worklist.xlsx --by YOHANES")
    approve.add_argument("file", type=_file, metavar="FILE")
    approve.add_argument("--by", required=True, metavar="NAME", help="who approves: not who gave it in")
    add(_status, "padan status --json").add_argument(
        "--json", action="store_true", help="the same figures for programs"
    )
    report = add(_report, "padan report --date 2026-11-24 --pdf")
    when = report.add_mutually_exclusive_group(required=True)
    when.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="the day whose report is wanted")
    when.add_argument("--month", type=_month, metavar="YYYY-MM", help="one page on a month instead")
    report.add_argument(
        "--to", type=Path, metavar="DIR", help="where it is written (default: report-DATE or report-MONTH)"
    )
    report.add_argument("--pdf", action="store_true", help="also as PDF; needs Chromium")
    add(_verify, "padan verify outbox/2026-11-24").add_argument("folder", type=_folder, metavar="FOLDER")
    deliver = add(_deliver, "padan deliver --date 2026-11-24")
    deliver.add_argument(
        "--date", type=_date, default=today, metavar="YYYY-MM-DD", help="a published date (default: today)"
    )
    add(_purge, "padan purge --config padan.toml")
    erase = add(_erase, "padan erase - --why 12/2026")
    erase.add_argument("nik", metavar="NIK", help="the person's number; '-' reads it from the standard input")
    erase.add_argument("--also", action="append", default=[], metavar="ITEM", help="an item about them, too")
    erase.add_argument("--why", default="", metavar="TEXT", help="for the ledger; no number and no name")
    return root


def _population(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--people", type=_positive, default=20_000, metavar="N", help="people in the registry")
    sub.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other people")
    sub.add_argument(
        "--dirt", default="ordinary", metavar="KIND", help="how the sources are kept (default: ordinary)"
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; expected YYYY-MM-DD") from None


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no month; expected YYYY-MM") from None


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number above 0")
    return int(text)


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text}: no such file")
    return Path(text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text}: no such folder")
    return Path(text)


def _settings(arguments: argparse.Namespace) -> Settings:
    """The configuration that a command was given, for the date it was given."""
    return load_settings(arguments.config, getattr(arguments, "date", arguments.today))


def _run(arguments: argparse.Namespace) -> int:
    """The whole job for one date; the same date again replaces that date's results."""
    return _whole_job(_settings(arguments))


def _whole_job(settings: Settings) -> int:
    from pipelines.progress import watching
    from pipelines.run import run
    from pipelines.summary import summary

    with watching() as watch:
        outcome = run(settings, watch)
    print(summary(outcome, settings))
    return outcome.exit_code


def _check(arguments: argparse.Namespace) -> int:
    """Try every source and the store, and show the first records as they will be understood; run nothing."""
    from pipelines.check import check

    settings = _settings(arguments)
    problems = {}
    for source in settings.everyone:
        checked = check(source, settings)
        problems[source.name] = checked.problem
        print(visible(f"{source.name:<24}{checked.headline}"))
        for line in checked.lines():
            print(visible(f"  {line}"))
    for delivery in settings.deliveries:
        problem = _delivery_problem(delivery, settings)
        problems[f"delivery to {delivery.to}"] = problem
        print(f"{'delivery to ' + delivery.to:<24} {delivery.place}: {problem or 'can be reached'}")
    store = _store_problem(settings)
    print(f"{'store':<24}{store or 'can be read'}")
    if store or problems.pop(settings.registry.name):
        return FAILED
    return UNREAD if any(problems.values()) else OK


def _layout(arguments: argparse.Namespace) -> int:
    """Draft a layout from a header and a thousand rows: TOML to standard output, certainties beside it."""
    from pipelines.suggest import certainties, suggest_layout, toml

    location, query, base = _place(arguments)
    found = suggest_layout(location, base, arguments.today, query)
    print(certainties(found), file=sys.stderr)
    print(toml(found), end="")
    return OK


def _place(arguments: argparse.Namespace) -> tuple[str, str | None, Path]:
    """Location, query and base folder of what ``padan layout`` was given."""
    location, query = arguments.location, arguments.query
    if location.startswith("env:"):
        name = location.removeprefix("env:")
        if name not in os.environ:
            raise ConfigError([f"environment variable {name} is not set"])
        location = os.environ[name]
    elif arguments.config.is_file() and not Path(location).exists() and NAME.fullmatch(location):
        settings = _settings(arguments)
        source = next((s for s in settings.everyone if s.name == location), None)
        if source:
            return source.location, query or source.query, settings.base
    return location, query, Path.cwd()


def _delivery_problem(delivery: Delivery, settings: Settings) -> str | None:
    from pipelines.deliver import NotDelivered, way_of

    try:
        way_of(delivery, settings).probe()
    except NotDelivered as error:
        return str(error)
    return None


def _store_problem(settings: Settings) -> str | None:
    from sqlalchemy.exc import SQLAlchemyError

    from pipelines.store import open_store

    try:
        with open_store(settings.store).connect():
            return None
    except (SQLAlchemyError, OSError, ValueError) as error:
        return str(getattr(error, "orig", error)).strip().partition("\n")[0]


def _demo(arguments: argparse.Namespace) -> int:
    """A synthetic population with known errors through the whole job, afresh each time."""
    from pipelines.sample import demo_config

    config: Path = arguments.dir / "padan.toml"
    text = demo_config("sources")
    if arguments.dir.exists() and any(arguments.dir.iterdir()):
        _clear_demo(config, text)
    _draw(arguments.dir / "sources", arguments)
    config.write_text(text, encoding="utf-8")
    return _whole_job(load_settings(config, arguments.today))


def _clear_demo(config: Path, text: str) -> None:
    """Remove what an earlier demo left, but never anything of a folder that is no demo's."""
    first = text.partition("\n")[0]
    if not config.is_file() or not config.read_text(encoding="utf-8").startswith(first):
        raise ConfigError([f"{config.parent}: holds something that is no demo; name another --dir"])
    for name in ("data", "outbox", "sources"):
        shutil.rmtree(config.parent / name, ignore_errors=True)
    for store in config.parent.glob("padan.sqlite*"):
        store.unlink()


def _sample(arguments: argparse.Namespace) -> int:
    """Draw registry, health and education files with known errors, and the truth beside them."""
    for what, count in _draw(arguments.folder, arguments).items():
        print(f"{what:<16}{count:>10,}")
    return OK


def _draw(folder: Path, arguments: argparse.Namespace) -> dict[str, int]:
    from pipelines.sample import draw

    try:
        return draw(folder, arguments.people, arguments.seed, arguments.dirt)
    except ValueError as error:
        raise ConfigError([str(error)]) from error


def _deliver(arguments: argparse.Namespace) -> int:
    """Bring what was published to whom the configuration names, and what is left of earlier dates; nothing twice."""
    import pyarrow.parquet as pq

    from pipelines.deliver import deliver, published

    settings = _settings(arguments)
    rows = pq.read_table(deliver(published(settings), settings).file).to_pylist()
    for row in rows:
        said = row["reason"] or {"there": "delivered before"}.get(row["state"], row["state"])
        print(f"{row['run_date']} {row['recipient']:<24}{row['place']}: {said}")
    if not settings.deliveries:
        print("nobody is delivered to; name them under [[deliveries]]")
    return FAILED if any(row["state"] == "failed" for row in rows) else OK


def _explain(arguments: argparse.Namespace) -> int:
    """Why an item exists: both records side by side, each comparison with its weight."""
    from pipelines.explain import explain

    print(explain(arguments.item, _settings(arguments)))
    return OK


def _decide(arguments: argparse.Namespace) -> int:
    """Read a returned worklist (xlsx or csv) into the store."""
    from pipelines.worklist import decide

    summary = decide(arguments.file, _settings(arguments), by=arguments.by)
    print(visible(str(summary)))
    return FAILED if summary.aside else OK


def _approve(arguments: argparse.Namespace) -> int:
    """Take a worklist that was put aside for how much it decides, on a second person's word."""
    from pipelines.worklist import approve

    print(visible(str(approve(arguments.file, _settings(arguments), arguments.by))))
    return OK


def _status(arguments: argparse.Namespace) -> int:
    """What waits after the last published run: on whom, why, how long; and what that run changed."""
    from pipelines.worklist import standing, status

    settings = _settings(arguments)
    figures = status(settings)
    print(json.dumps(figures.as_dict(), indent=2) if arguments.json else standing(figures, settings.language))
    return OK


def _report(arguments: argparse.Namespace) -> int:
    """A day's report as it was published, or a month on one page, from the store."""
    from pipelines.publish import month_report, report_again

    month: date | None = arguments.month
    settings = load_settings(arguments.config, arguments.date or arguments.today)
    if month:
        target = arguments.to or Path(f"report-{month:%Y-%m}")
        written = month_report(month.year, month.month, settings, target, arguments.pdf)
    else:
        target = arguments.to or Path(f"report-{settings.run_date}")
        written = report_again(settings, target, arguments.pdf)
    for path in written:
        print(path)
    return OK


def _verify(arguments: argparse.Namespace) -> int:
    """Check a published folder against its manifest, its signature and the store's ledger."""
    from pipelines.publish import erased_files, verify, verify_ledger_of

    # An auditor has the folder and perhaps no configuration: then there is neither key nor store to ask.
    settings = _settings(arguments) if arguments.config.exists() else None
    key = settings.signing.public_key if settings else None
    gone = erased_files(arguments.folder, settings) if settings else {}
    problems = [p for p in verify(arguments.folder, key) if p not in gone]
    for problem, event in gone.items():
        print(f"{problem}, taken away by an erasure (ledger event {event})")
    ledger = verify_ledger_of(arguments.folder, settings) if settings else None
    for problem in (*problems, *(ledger or ())):
        print(problem)
    if problems or ledger:
        return FAILED
    unchecked = [name for name, seen in (("signature", key), ("ledger", ledger)) if seen is None]
    missing = f"; not checked: {', '.join(unchecked)}" if unchecked else ""
    print(f"{arguments.folder}: as published{missing}")
    return OK


def _purge(arguments: argparse.Namespace) -> int:
    """Delete what is past its retention period and say what."""
    from pipelines.worklist import purge

    for gone in purge(_settings(arguments)):
        print(f"deleted {gone}")
    return OK


def _erase(arguments: argparse.Namespace) -> int:
    """Take one person out of all that Padan keeps, so that counts, account and ledger stay as they are."""
    from pipelines.worklist import erase

    nik = sys.stdin.readline() if arguments.nik == "-" else arguments.nik
    print(erase(nik, _settings(arguments), arguments.also, arguments.why))
    return OK
