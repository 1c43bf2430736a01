"""The configuration that goes with a drawn population."""

from __future__ import annotations

from pathlib import Path

from pipelines.sample.drawing import EDUCATION, HEALTH, REGISTRY, VERDICTS

DEMO = f"""\
# A drawn population: nobody in it lives.
[padan]
data     = "data"
outbox   = "outbox"
store    = "sqlite:///padan.sqlite"
language = "id"

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

    ``folder`` is relative to the ``padan.toml``: ``"."`` when it lies among the files, ``"sources"`` when they
    lie in a folder beside it.
    """
    prefix = Path(folder).as_posix()
    return DEMO.format(folder="" if prefix == "." else f"{prefix}/")
