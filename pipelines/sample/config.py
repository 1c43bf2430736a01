"""The demo: a drawn population with the configuration that reads it."""

from __future__ import annotations

from pathlib import Path

from pipelines.sample.drawing import EDUCATION, HEALTH, REGISTRY, VERDICTS, draw

FIRST_LINE = "# A drawn population: nobody in it lives."

DEMO = f"""\
{FIRST_LINE}
[padan]
data     = "data"                     # the run's tables, Parquet
outbox   = "outbox"                   # what is published, a folder a date
store    = "sqlite:///padan.sqlite"   # what outlives a run
language = "id"                       # of what people read: id or en

[registry]
name = "{REGISTRY}"
layout = "siak"
location = "{{folder}}registry.csv"

[[sources]]
name = "{HEALTH}"
sector = "health"
layout = "khanza"
location = "{{folder}}pasien.csv"

[[sources]]
name = "{EDUCATION}"
sector = "education"
layout = "dapodik"
location = "{{folder}}siswa.csv"

[[verdicts]]
name = "{VERDICTS}"
layout = "verdicts"
location = "{{folder}}verdicts.csv"
"""


def demo_config(folder: str | Path = ".") -> str:
    """The text of a ``padan.toml`` for the files that ``draw`` wrote to ``folder``.

    ``folder`` is as seen from the ``padan.toml``: ``"."`` when it lies among the files, ``"sources"`` when
    they lie in a folder beside it.
    """
    prefix = Path(folder).as_posix()
    return DEMO.format(folder="" if prefix == "." else f"{prefix}/")


def demo(folder: Path, people: int, seed: int, dirt: str = "ordinary") -> Path:
    """Draw a population into ``folder/sources`` and give the path of the ``padan.toml`` that reads it.

    A ``padan.toml`` of an earlier demo stays as it is, with whatever was changed in it. Raises ``ValueError``
    as ``draw`` does, and for a ``padan.toml`` that no demo wrote: it may be an office's own.
    """
    config = folder / "padan.toml"
    if config.exists() and not config.read_text(encoding="utf-8").startswith(FIRST_LINE):
        raise ValueError(f"{config} is not a demo's: name another folder")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draw(folder / "sources", people, seed, dirt)
    if not config.exists():
        config.write_text(demo_config("sources"), encoding="utf-8")
        config.chmod(0o600)
    return config
