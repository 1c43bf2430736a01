"""Drawn populations to measure on: each is drawn once into ``bench-out/`` and kept for the next time.

python -m bench.population FOLDER PEOPLE SEED DIRT
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import OUT, measured


@dataclass(frozen=True)
class Population:
    """What a population is drawn from; its files lie in ``sources``, and ``config`` reads them."""

    people: int
    seed: int
    dirt: str

    @property
    def name(self) -> str:
        """For tables and files."""
        return f"{self.dirt}-{self.seed}-{self.people}"

    @property
    def folder(self) -> Path:
        """The office's folder."""
        return OUT / "populations" / self.name

    @property
    def sources(self) -> Path:
        """Registry, agencies, verdicts and the truth."""
        return self.folder / "sources"

    @property
    def config(self) -> Path:
        """The configuration with which Padan reads the sources."""
        return self.folder / "padan.toml"

    def drawn(self) -> Population:
        """Draw it if it does not lie there; in a process of its own, so that the measuring one stays small."""
        if not self.config.exists():
            measured("bench.population", self.folder, self.people, self.seed, self.dirt)
        return self


def main(folder: str, people: str, seed: str, dirt: str) -> None:
    from pipelines.sample import demo

    demo(Path(folder), int(people), int(seed), dirt)


if __name__ == "__main__":
    main(*sys.argv[1:])
