"""Files as a stream of UTF-8 bytes: gzip opened, encoding found, byte order mark taken off.

Old systems write Windows-1252 (``cp1252``), new ones UTF-8, and an export glued together from both holds
both. A file is UTF-8 if all of it is; else Windows-1252; unless its accented letters are mostly valid UTF-8,
then each line is read as what it is.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal, cast

from pipelines.extract.limits import check_bytes
from pipelines.extract.table import Unreadable

Encoding = Literal["utf-8", "cp1252", "mixed", "utf-16"]

PIECE = 2 << 20
"""Bytes read at a time: large enough to be fast, small enough that one damaged row slows little down."""

LONGEST_LINE = 16 << 20
"""Bytes; beyond it a file is no table of text, and reading on would only fill the memory."""

SPOOLED = 64 << 20
"""Bytes of an unpacked workbook or Parquet file that may stay in memory."""

GZIP = b"\x1f\x8b"
_BEYOND_ASCII = bytes(range(128, 256))
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _undefined(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that cp1252 leaves undefined become control signs, as every browser reads them."""
    fault = cast(UnicodeDecodeError, error)
    return fault.object[fault.start : fault.end].decode("latin-1"), fault.end


codecs.register_error("padan-undefined", _undefined)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacking gzip whatever its name says. Raises ``Unreadable`` if it cannot be opened."""
    with _explained():
        raw = path.open("rb")
    with raw:
        with _explained():
            packed = raw.read(2) == GZIP
            raw.seek(0)
        yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw


@contextmanager
def _explained() -> Iterator[None]:
    """Faults of reading (the file system, gzip) as one line; what is done with the bytes stays outside."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable("the gzip is damaged or was cut short; ask for the file again") from error
    except FileNotFoundError as error:
        raise Unreadable("no such file") from error
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or type(error).__name__}") from error


def pieces(path: Path, peek: bool = False) -> Iterator[bytes]:
    """The file's bytes, unpacked, a piece at a time; with ``peek`` the first piece's whole lines."""
    with opened(path) as handle:
        for piece in _weighed(handle):
            if peek:
                yield piece[: piece.rfind(b"\n") + 1] or piece
                return
            yield piece


def _weighed(handle: BinaryIO) -> Iterator[bytes]:
    """Piece by piece, as long as what comes is within the limits. Raises ``Unreadable``."""
    size = 0
    packed = handle.fileobj if isinstance(handle, gzip.GzipFile) else None
    while piece := _read(handle):
        size += len(piece)
        check_bytes(size, packed.tell() if packed else size)
        yield piece


def _read(handle: BinaryIO) -> bytes:
    with _explained():
        return handle.read(PIECE)


@contextmanager
def seekable(path: Path) -> Iterator[BinaryIO]:
    """A file for readers that jump about in it; a gzipped one is unpacked (in memory if small)"""
    with opened(path) as handle:
        if not isinstance(handle, gzip.GzipFile):
            size = path.stat().st_size
            check_bytes(size, size)
            yield handle
            return
        with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as unpacked:
            for piece in _weighed(handle):
                unpacked.write(piece)
            unpacked.seek(0)
            yield cast(BinaryIO, unpacked)


def digest(path: Path) -> tuple[str, int]:
    """The sha256 of a file as it lies there, and its bytes. Raises ``Unreadable``."""
    with _explained(), path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        return sha256, handle.tell()


def encoding_of(parts: Iterable[bytes]) -> Encoding:
    """How a text file is encoded; every byte of ``parts`` is looked at."""
    valid = invalid = 0
    for number, block in enumerate(whole_lines(parts)):
        if number == 0 and block.startswith(_UTF16):
            return "utf-16"
        try:
            valid += len(block) - len(block.decode("utf-8"))
        except UnicodeDecodeError:
            good, bad = _weigh(block)
            valid, invalid = valid + good, invalid + bad
    if not invalid:
        return "utf-8"
    return "mixed" if valid > invalid else "cp1252"


def _weigh(block: bytes) -> tuple[int, int]:
    """Bytes beyond ASCII in lines that are valid UTF-8, and in lines that are not."""
    valid = invalid = 0
    for line in block.split(b"\n"):
        if line.isascii():
            continue
        try:
            valid += len(line) - len(line.decode("utf-8"))
        except UnicodeDecodeError:
            invalid += len(line) - len(line.translate(None, _BEYOND_ASCII))
    return valid, invalid


def whole_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes cut after line ends, so that no line (and no sign of several bytes) is torn."""
    rest = b""
    for part in parts:
        cut = part.rfind(b"\n") + 1
        if not cut:
            rest += part
            if len(rest) > LONGEST_LINE:
                raise Unreadable(
                    f"a line is longer than {LONGEST_LINE >> 20} MiB: this is not a table of text"
                )
            continue
        yield rest + part[:cut]
        rest = part[cut:]
    if rest:
        yield rest


def utf8(path: Path, peek: bool = False) -> Iterator[bytes]:
    """A text file as valid UTF-8, without a byte order mark, its lines ending in a line feed."""
    encoding = encoding_of(pieces(path, peek))
    return _line_feeds(_without_mark(_recoded(path, encoding, peek)))


def _recoded(path: Path, encoding: Encoding, peek: bool) -> Iterator[bytes]:
    parts = pieces(path, peek)
    if encoding == "utf-8":
        yield from parts
    elif encoding == "utf-16":
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        yield from (decoder.decode(part).encode("utf-8", "replace") for part in parts)
    elif encoding == "cp1252":
        yield from (_cp1252(part) for part in parts)
    else:
        for block in whole_lines(parts):
            yield b"\n".join(_either(line) for line in block.split(b"\n"))


def _cp1252(part: bytes) -> bytes:
    return part if part.isascii() else part.decode("cp1252", "padan-undefined").encode("utf-8")


def _either(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return _cp1252(line)
    return line


def _without_mark(parts: Iterator[bytes]) -> Iterator[bytes]:
    first = next(parts, b"")
    # cp1252 shows the mark of a UTF-8 file that was damaged further down as the three signs "ï»¿"
    mark = next((m for m in (codecs.BOM_UTF8, "ï»¿".encode()) if first.startswith(m)), b"")
    yield first[len(mark) :]
    yield from parts


def _line_feeds(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Lines that end in a lone carriage return, as Macintosh files once did, get the line feed of today."""
    head = next(parts, b"")
    while b"\n" not in head and b"\r" not in head[:-1] and len(head) < LONGEST_LINE:
        if not (more := next(parts, b"")):
            break
        head += more
    lone = b"\r" in head[:-1] and b"\n" not in head  # what follows a return at the very end is not known yet
    for part in chain((head,), parts):
        yield part.replace(b"\r", b"\n") if lone else part
