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

from pipelines.match.vocabulary import MAX_WORDS, FloatArray, IntArray, Vocabulary

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


def compare_names(left: pa.Array, right: pa.Array, cut: BoolArray, words: Vocabulary) -> NameComparison:
    """Compare ``left[i]`` (the agency's) with ``right[i]`` (the registry's).

    ``cut[i]``: the left name fills its field, so its last word may be cut and further words may be missing.
    Each distinct pair of names is compared once.
    """
    left, right = left.dictionary_encode(), right.dictionary_encode()
    a, b = (_codes(x) for x in (left, right))
    key = (a.astype(np.int64) * (len(right.dictionary) + 1) + b) * 2 + cut
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    a, b, cut = a[first], b[first], cut[first]
    level, rarity = _distinct(left.dictionary, right.dictionary, a, b, cut, words)
    return NameComparison(level[inverse], rarity[inverse])


def _codes(array: pa.DictionaryArray) -> npt.NDArray[np.int64]:
    """Dictionary codes; null is the dictionary's length, so that it indexes a row of padding."""
    return np.asarray(pc.fill_null(array.indices.cast(pa.int64()), len(array.dictionary)), dtype=np.int64)


def _padded(words: Vocabulary, names: pa.Array) -> IntArray:
    return np.vstack([words.split(names), np.full((1, MAX_WORDS), -1, np.int32)])


def _distinct(
    left: pa.Array,
    right: pa.Array,
    a: IndexArray,
    b: IndexArray,
    cut: BoolArray,
    words: Vocabulary,
) -> tuple[Levels, FloatArray]:
    x, y = _padded(words, left)[a], _padded(words, right)[b]
    kind_x, kind_y, bits = _align(x, y, cut, words)
    level = _levels(x, y, kind_x, kind_y)
    rarity = bits.sum(axis=1)
    letters_x, letters_y = _letters(left, right)
    # Words beyond the fifth are not compared: where only they differ they count as left off.
    level[(level == _IDENTICAL) & (letters_x[a] != letters_y[b])] = _LEFT_OFF
    joined = (letters_x[a] == letters_y[b]) & (level > _ORDER)
    level[joined] = _ORDER
    _written_together(left, right, a, b, (x >= 0).sum(axis=1) != (y >= 0).sum(axis=1), level)
    all_words = np.append(words.surprise, np.float32(0))[y].sum(axis=1)  # -1 pads: the 0 at the end
    rarity[joined] = all_words[joined]
    return level, rarity.astype(np.float32)


def _written_together(
    left: pa.Array, right: pa.Array, a: IndexArray, b: IndexArray, uneven: BoolArray, level: Levels
) -> None:
    """Settle in place names of another number of words whose letters, spaces apart, are nearly the same."""
    rows = np.flatnonzero(uneven & (level >= _GIVEN))
    if not len(rows):
        return
    squeezed = [pc.replace_substring(n.take(pa.array(k[rows])), " ", "") for n, k in ((left, a), (right, b))]
    alike = cpdist(
        *(s.to_pylist() for s in squeezed), scorer=JaroWinkler.similarity, dtype=np.float32, workers=-1
    )
    level[rows[alike >= TOGETHER]] = _TYPO


def _letters(left: pa.Array, right: pa.Array) -> tuple[IndexArray, IndexArray]:
    """A number for each name's letters without its spaces, equal on both sides where the letters are."""
    squeezed = [pc.replace_substring(names, " ", "") for names in (left, right)]
    known = pc.unique(squeezed[0])
    found = [np.asarray(pc.fill_null(pc.index_in(s, value_set=known), -1)) for s in squeezed]
    return np.append(found[0], -2).astype(np.int64), np.append(found[1], -3).astype(np.int64)


def _align(x: IntArray, y: IntArray, cut: BoolArray, words: Vocabulary) -> tuple[Levels, Levels, FloatArray]:
    """The kind of each word's counterpart in ``x`` and in ``y`` (-1 pads), and bits of rarity by word of y."""
    kind_x, kind_y = np.full(x.shape, NONE, np.int8), np.full(y.shape, NONE, np.int8)
    bits = np.zeros(y.shape, np.float32)
    for j in range(y.shape[1]):
        for i in range(x.shape[1]):
            hit = (x[:, i] == y[:, j]) & (x[:, i] >= 0) & (kind_x[:, i] == NONE) & (kind_y[:, j] == NONE)
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
