"""What both ways of reading delimited text need to know of a file, and what a step of either gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from pipelines.extract.columns import key
from pipelines.extract.table import Chunk


@dataclass(frozen=True)
class Shape:
    """The header of a delimited file: its names in order, and where the wanted columns stand."""

    names: tuple[str, ...]
    delimiter: str
    positions: Mapping[str, int]

    @cached_property
    def fewest(self) -> int:
        """Cells a row must have; columns without a name at the end may be left out."""
        return max((at + 1 for at, name in enumerate(self.names) if name.strip()), default=1)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The header in the form in which names are compared."""
        return tuple(map(key, self.names))

    def spellings(self, k: str) -> pa.Array:
        """How the header's name of a column may be written where the header is repeated."""
        name = self.names[self.positions[k]].strip()
        cases = {name, name.upper(), name.lower()}
        return pa.array(sorted(cases | {"\ufeff" + case for case in cases}))

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row repeats the header, as files do that were glued together from several."""
        at = next(iter(self.positions.values()), 0)
        return len(cells) > at and key(cells[at]) == self.keys[at] and tuple(map(key, cells)) == self.keys


@dataclass(frozen=True)
class Step:
    """Rows read from the beginning of a block, the bytes left of it, and how many lines were read."""

    chunk: Chunk
    rest: bytes
    lines: int
