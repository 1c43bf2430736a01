"""The words of all names, numbered, with how common each is in the registry.

Comparing integers instead of text is what keeps a million candidates at a second or two: text is touched
once for each distinct word, and rapidfuzz sees each distinct pair of words once.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.match.spelling import spelling_classes

MAX_WORDS: Final = 5
"""Words of a name that are compared; longer names are rarer than one in ten thousand."""

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Vocabulary:
    """Every word that occurs in a person's or a mother's name.

    ``text[i]`` is word i; ``spelling[i]`` the number of its spelling class; ``surprise[i]`` is minus log2 of
    the share of registry names that hold the word, ``class_surprise`` the same for its class. ``length``, ``first``
    (letter) and ``letters`` (a bit for each of A to Z it has) tell at a glance which words cannot be alike.
    """

    text: pa.Array
    spelling: IntArray
    surprise: FloatArray
    class_surprise: FloatArray
    length: IntArray
    first: IntArray
    letters: IntArray

    @classmethod
    def learn(cls, con: duckdb.DuckDBPyConnection, names: str, people: int) -> Vocabulary:
        """Count the words of the relation ``names`` (columns ``name`` text, ``counted`` bool).

        Only ``counted`` names (the registry's) make a word common; the others' words are numbered too.
        """
        table = con.sql(
            f"""select word, sum(counted::int) as seen from (
                    select unnest(string_split(name, ' ')) as word, counted from {names} where name <> '')
                group by word order by word"""
        ).to_arrow_table()
        text = table["word"].combine_chunks()
        seen = table["seen"].to_numpy().astype(np.float64)
        classes = spelling_classes(text).dictionary_encode()
        spelling = classes.indices.to_numpy().astype(np.int32)
        class_seen = np.bincount(spelling, weights=seen, minlength=len(classes.dictionary))
        return cls(
            text,
            spelling,
            _surprise(seen, people),
            _surprise(class_seen, people)[spelling],
            np.asarray(pc.utf8_length(text)).astype(np.int32),
            np.asarray(pc.utf8_slice_codeunits(text, 0, 1).dictionary_encode().indices).astype(np.int32),
            _letters(text),
        )

    def split(self, names: pa.Array) -> IntArray:
        """The word numbers of each name, one row a name, padded with -1 (also for null)."""
        lists = pc.list_slice(pc.split_pattern(pc.fill_null(names, ""), " "), 0, MAX_WORDS)
        codes = pc.fill_null(pc.index_in(lists.flatten(), value_set=self.text), -1).to_numpy()
        lengths = pc.list_value_length(lists).to_numpy()
        rows = np.repeat(np.arange(len(names)), lengths)
        columns = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        words = np.full((len(names), MAX_WORDS), -1, np.int32)
        words[rows, columns] = codes
        return words


def _letters(text: pa.Array) -> IntArray:
    bits = np.zeros(len(text), np.int32)
    for i, letter in enumerate(ascii_uppercase):
        bits |= np.asarray(pc.match_substring(text, letter)).astype(np.int32) << i
    return bits


def _surprise(seen: npt.NDArray[Any], people: int) -> FloatArray:
    """Minus log2 of the smoothed share; a word never seen is taken as seen once in twice the registry."""
    return (-np.log2((seen + 0.5) / (people + 1.0))).clip(0).astype(np.float32)
