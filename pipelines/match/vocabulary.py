"""The words of all names, numbered, with how common each is in the registry.

Comparing integers instead of text is what keeps a million candidates at a second or two: text is touched
once for each distinct word, and rapidfuzz sees each distinct pair of words once.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Final

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
    def learn(cls, names: pa.Array, counts: npt.NDArray[Any], people: int) -> Vocabulary:
        """Count the words of ``names``, each of which ``counts`` people of the registry have, of ``people`` in all.

        A name that only agencies write counts 0: its words are numbered, but nobody has made them common.
        """
        lists = pc.split_pattern(pc.fill_null(names, ""), " ")
        heard = lists.flatten().dictionary_encode()
        seen = np.bincount(
            np.asarray(heard.indices),
            weights=np.repeat(counts, np.asarray(pc.list_value_length(lists))),
            minlength=len(heard.dictionary),
        )
        return cls.counted(heard.dictionary, seen, people)

    @classmethod
    def counted(cls, words: pa.Array, seen: npt.NDArray[Any], people: int) -> Vocabulary:
        """The same from each word, once, and how often it was ``seen`` in names of the registry."""
        filled = np.flatnonzero(np.asarray(pc.not_equal(words, "")))
        order = filled[np.asarray(pc.sort_indices(words.take(pa.array(filled))))]
        text, seen = words.take(pa.array(order)), seen[order]
        classes = spelling_classes(text).dictionary_encode()
        spelling = np.asarray(classes.indices).astype(np.int32)
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


@dataclass(frozen=True)
class Names:
    """Every name that occurs, once: a pair of names is a pair of their numbers, and -1 is no name at all.

    The arrays have a row more than there are names, the last for -1. ``rows[n]`` are the numbers of the first
    ``MAX_WORDS`` words of name n, padded with -1; ``last[n]`` is that of its last word; ``joined[n]`` is the same
    number for all names whose letters are the same without the spaces; ``letters[n]`` are those letters, a bit each.
    """

    text: pa.Array
    words: Vocabulary
    rows: IntArray
    last: IntArray
    joined: IntArray
    letters: IntArray

    @classmethod
    def of(cls, text: pa.Array, words: Vocabulary) -> Names:
        """These names, each once; all their words are in ``words``."""
        lists = pc.split_pattern(pc.fill_null(text, ""), " ")
        codes = np.asarray(pc.fill_null(pc.index_in(lists.flatten(), value_set=words.text), -1), np.int32)
        lengths = np.asarray(pc.list_value_length(lists))
        ends = np.cumsum(lengths)
        rows = np.full((len(text) + 1, MAX_WORDS), -1, np.int32)
        for column in range(MAX_WORDS):
            some = np.flatnonzero(lengths > column)
            rows[some, column] = codes[(ends - lengths)[some] + column]
        last = np.append(codes[ends - 1], np.int32(-1))
        squeezed = pc.replace_substring(text, " ", "").dictionary_encode()
        joined = np.append(np.asarray(squeezed.indices, np.int32), np.int32(-1))
        letters = np.bitwise_or.reduce(np.append(words.letters, np.int32(0))[rows], axis=1)
        return cls(text, words, rows, last, joined, letters)

    def spelling(self, word: IntArray) -> IntArray:
        """The spelling class of each word number; -1 of -1."""
        return np.append(self.words.spelling, np.int32(-1))[word]


def _letters(text: pa.Array) -> IntArray:
    bits = np.zeros(len(text), np.int32)
    for i, letter in enumerate(ascii_uppercase):
        bits |= np.asarray(pc.match_substring(text, letter)).astype(np.int32) << i
    return bits


def _surprise(seen: npt.NDArray[Any], people: int) -> FloatArray:
    """Minus log2 of the smoothed share; a word never seen is taken as seen once in twice the registry."""
    return (-np.log2((seen + 0.5) / (people + 1.0))).clip(0).astype(np.float32)
