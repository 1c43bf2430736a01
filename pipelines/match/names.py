"""Names compared word by word, in any order, over whole arrays.

Each word of one name is aligned with at most one of the other: the same word, a spelling of it, an initial
or a cut, a typing slip. What is left over on either side, and how rare the agreeing words are, decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA, JaroWinkler, Prefix
from rapidfuzz.process import cpdist

from pipelines.match.vocabulary import FloatArray, IntArray, Names, Vocabulary

BoolArray = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int8]
IndexArray = npt.NDArray[np.int64]
_IDENTICAL: Final = 1
_ORDER: Final = 2
_LEFT_OFF: Final = 5
_TYPO: Final = 7
_GIVEN: Final = 9

NEAR: Final = 4
"""Letters that one word has and the other has not: two slips make four at most, so more need no second look."""

NEARLY: Final = 8
"""The same for two whole names: as alike as ``TOGETHER`` asks, they differ in no more."""

TOGETHER: Final = 0.93
"""From this Jaro-Winkler similarity on two names without their spaces are one name mistyped."""

NAME_LEVELS: Final = (
    "missing",
    "identical",
    "same words, other order or spacing",
    "spellings of one another",
    "initials or cut, the rest agrees",
    "a word left off, the rest agrees",
    "a word left off, spellings or initials",
    "mistyped, every word has its counterpart",
    "mistyped and a word left off",
    "given name agrees, another word differs",
    "mistyped given name, another word differs",
    "another word agrees, not the given name",
    "different",
)
"""What two names can be to one another, from ``missing`` (no evidence) through best to worst."""

SAME, SPELLING, SHORT, TYPO, NONE = 4, 3, 2, 1, 0
CUT: Final = 5
"""How two words are alike, the better the higher; ``CUT`` (one begins the other) is settled by the field's width."""


@dataclass(frozen=True)
class NameComparison:
    """For each pair: the level (index into ``NAME_LEVELS``) and the rarity of what agrees, in bits."""

    level: Levels
    rarity: FloatArray


def compare_names(left: IntArray, right: IntArray, cut: BoolArray, names: Names) -> NameComparison:
    """Compare name ``left[i]`` (the agency's) with ``right[i]`` (the registry's), by their numbers in ``names``.

    ``cut[i]``: the left name fills its field, so its last word may be cut and further words may be missing.
    Each distinct pair of names is compared once.
    """
    level, rarity = np.zeros(len(left), np.int8), np.zeros(len(left), np.float32)
    both = np.flatnonzero((left >= 0) & (right >= 0))
    size = len(names.text)
    key = (left[both].astype(np.int64) * size + right[both]) * 2 + cut[both]
    key, inverse = np.unique(key, return_inverse=True)
    of_distinct = _distinct(key // 2 // max(size, 1), key // 2 % max(size, 1), key % 2 == 1, names)
    level[both], rarity[both] = (found[inverse] for found in of_distinct)
    return NameComparison(level, rarity)


def _distinct(a: IndexArray, b: IndexArray, cut: BoolArray, names: Names) -> tuple[Levels, FloatArray]:
    """Level and rarity of pairs of names, each once."""
    words = names.words
    all_words = np.append(words.surprise, np.float32(0))[names.rows[b]].sum(
        axis=1
    )  # -1 pads: the 0 at the end
    same_letters = names.joined[a] == names.joined[b]
    level = np.where(a == b, _IDENTICAL, _ORDER).astype(np.int8)
    rarity = all_words.astype(np.float32)
    rest = np.flatnonzero(~same_letters)
    level[rest], rarity[rest] = _unlike(a[rest], b[rest], cut[rest], names)
    return level, rarity


def _unlike(a: IndexArray, b: IndexArray, cut: BoolArray, names: Names) -> tuple[Levels, FloatArray]:
    """The same of names whose letters are not the same."""
    x, y = names.rows[a], names.rows[b]
    kind_x, kind_y, bits = _align(x, y, cut, names.words)
    level = _levels(x, y, kind_x, kind_y)
    # Words beyond the fifth are not compared: where only they differ they count as left off.
    level[level == _IDENTICAL] = _LEFT_OFF
    _written_together(a, b, (x >= 0).sum(axis=1) != (y >= 0).sum(axis=1), level, names)
    return level, bits.sum(axis=1)


def _written_together(a: IndexArray, b: IndexArray, uneven: BoolArray, level: Levels, names: Names) -> None:
    """Settle in place names of another number of words whose letters, spaces apart, are nearly the same."""
    near = np.bitwise_count(names.letters[a] ^ names.letters[b]) <= NEARLY
    rows = np.flatnonzero(uneven & near & (level >= _GIVEN))
    if not len(rows):
        return
    squeezed = [pc.replace_substring(names.text.take(pa.array(n[rows])), " ", "") for n in (a, b)]
    alike = cpdist(
        *(s.to_pylist() for s in squeezed), scorer=JaroWinkler.similarity, dtype=np.float32, workers=-1
    )
    level[rows[alike >= TOGETHER]] = _TYPO


def _align(x: IntArray, y: IntArray, cut: BoolArray, words: Vocabulary) -> tuple[Levels, Levels, FloatArray]:
    """The kind of each word's counterpart in ``x`` and in ``y`` (-1 pads), and bits of rarity by word of y."""
    kind_x, kind_y = np.full(x.shape, NONE, np.int8), np.full(y.shape, NONE, np.int8)
    bits = np.zeros(y.shape, np.float32)
    for j in range(y.shape[1]):
        of_y = np.flatnonzero(y[:, j] >= 0)  # few names have many words
        for i in range(x.shape[1]):
            hit = of_y[x[of_y, i] == y[of_y, j]]
            hit = hit[(kind_x[hit, i] == NONE) & (kind_y[hit, j] == NONE)]
            kind_x[hit, i] = kind_y[hit, j] = SAME
            bits[hit, j] = words.surprise[y[hit, j]]
    _align_rest(x, y, cut, words, kind_x, kind_y, bits)
    kind_x[x < 0] = -1
    kind_y[y < 0] = -1
    return kind_x, kind_y, bits


def _align_rest(
    x: IntArray,
    y: IntArray,
    cut: BoolArray,
    words: Vocabulary,
    kind_x: Levels,
    kind_y: Levels,
    bits: FloatArray,
) -> None:
    """Align in place what no equal word took: spellings first, then initials and cuts, then typing slips."""
    free_x, free_y = (x >= 0) & (kind_x == NONE), (y >= 0) & (kind_y == NONE)
    pair, i, j = np.nonzero(free_x[:, :, None] & free_y[:, None, :])
    if not len(pair):
        return
    kind = _word_kinds(x[pair, i], y[pair, j], words)
    last = i == (x[pair] >= 0).sum(axis=1) - 1
    kind[(kind == CUT) & cut[pair] & last] = SHORT
    kind[kind == CUT] = TYPO
    for wanted in (SPELLING, SHORT, TYPO):
        todo = np.flatnonzero(kind == wanted)
        while len(
            todo := todo[(kind_x[pair[todo], i[todo]] == NONE) & (kind_y[pair[todo], j[todo]] == NONE)]
        ):
            one = todo[np.unique(pair[todo], return_index=True)[1]]
            kind_x[pair[one], i[one]] = kind_y[pair[one], j[one]] = wanted
            bits[pair[one], j[one]] = _bits(wanted, y[pair[one], j[one]], words)


def _bits(kind: int, word: IntArray, words: Vocabulary) -> FloatArray:
    """How unlikely such an agreement is by chance: of a spelling its class, of an initial one letter in ten."""
    rare = words.class_surprise[word]
    if kind == SHORT:
        return np.minimum(rare, np.float32(3.3))
    return rare if kind == SPELLING else np.maximum(rare - np.float32(3.0), np.float32(0.0))


def _word_kinds(u: IntArray, v: IntArray, words: Vocabulary) -> Levels:
    """How the words u[i] and v[i] are alike; each distinct pair is looked at once, with rapidfuzz."""
    size = len(words.text)
    key, inverse = np.unique(u.astype(np.int64) * size + v, return_inverse=True)
    u, v = key // size, key % size
    kind = np.full(len(key), NONE, np.int8)
    near = np.bitwise_count(words.letters[u] ^ words.letters[v]) <= NEAR
    begins = words.first[u] == words.first[v]
    rows = np.flatnonzero((near | begins) & (words.spelling[u] != words.spelling[v]))
    kind[rows] = _fuzzy_kinds(u[rows], v[rows], words)
    kind[words.spelling[u] == words.spelling[v]] = SPELLING
    return kind[inverse]


def _fuzzy_kinds(u: npt.NDArray[Any], v: npt.NDArray[Any], words: Vocabulary) -> Levels:
    """The kinds that need the letters themselves: initials, cuts, typing slips."""
    s, t = (words.text.take(pa.array(w)).to_pylist() for w in (u, v))
    short, long = np.minimum(words.length[u], words.length[v]), np.maximum(words.length[u], words.length[v])
    slips = cpdist(s, t, scorer=OSA.distance, score_cutoff=3, dtype=np.int32, workers=-1)
    alike = cpdist(s, t, scorer=JaroWinkler.similarity, dtype=np.float32, workers=-1)
    prefix = cpdist(s, t, scorer=Prefix.similarity, dtype=np.int32, workers=-1) == short
    typo = (slips == 1) & (short >= 3) | (slips == 2) & (short >= 6) | (alike >= 0.9) & (short >= 4)
    kind = np.select(
        [prefix & (short == 1), prefix & (long > short) & (short >= 2), typo], [SHORT, CUT, TYPO], NONE
    )
    return kind.astype(np.int8)


def _levels(x: IntArray, y: IntArray, kind_x: Levels, kind_y: Levels) -> Levels:
    """Read the alignment as one of ``NAME_LEVELS``."""
    empty = (x[:, 0] < 0) | (y[:, 0] < 0)
    alone_x, alone_y = (kind_x == NONE).any(axis=1), (kind_y == NONE).any(axis=1)
    some = (kind_y >= TYPO).any(axis=1)
    typo = (kind_y == TYPO).any(axis=1)
    short, spelt = (kind_y == SHORT).any(axis=1), (kind_y == SPELLING).any(axis=1)
    whole, half = ~alone_x & ~alone_y, (alone_x ^ alone_y) & some
    given = kind_y[:, 0]
    level = np.select(
        [
            empty,
            (x == y).all(axis=1),
            whole & typo,
            whole & short,
            whole & spelt,
            whole,
            half & typo,
            half & (short | spelt),
            half,
            given > TYPO,
            given == TYPO,
            some,
        ],
        [0, 1, 7, 4, 3, _ORDER, 8, 6, 5, 9, 10, 11],
        12,
    )
    return level.astype(np.int8)
