"""What is packed is unpacked only as far as it is sane: zip and XML bombs are told before they go off.

A workbook is a zip of XML. Its directory says how large each part will be, and Python reads no more of a part than
that; a document type, by which XML names entities that swell or read other files, no workbook may have (ECMA-376
part 2, 9.1.1.3), so one that has it is no workbook.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import BinaryIO, Final

from pipelines.settings import Limits

PARTS: Final = 10_000
"""Files in one workbook; a real one has some dozens, and one for each picture."""

LARGEST_TEXTS: Final = 1 << 30
"""Bytes of a workbook's shared texts, which have to be kept in memory; a full sheet's are a quarter of it."""

UNWEIGHED: Final = 64 << 20
"""Bytes up to which nothing is weighed against its packed size: small parts of one repeated sign are harmless."""

_HEAD: Final = 64 << 10
_BEFORE_ROOT: Final = re.compile(rb"(?:[^<]|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_TEXTS: Final = "sharedstrings.xml"


class TooMuch(ValueError):
    """A packed file would unpack to more than is allowed, or holds what it must not; one line."""


def weigh(size: int, packed: int, limits: Limits) -> None:
    """Raise ``TooMuch`` if so many bytes, unpacked from ``packed``, are more than ``limits`` allow."""
    if size > limits.most_bytes:
        raise TooMuch(f"larger than {limits.bytes} (limits.bytes)")
    if size > UNWEIGHED and size > packed * limits.ratio:
        raise TooMuch(
            f"unpacks to more than {limits.ratio} times its size (limits.ratio): not unpacked further"
        )


def check_workbook(file: BinaryIO, limits: Limits) -> None:
    """Raise ``TooMuch`` if a zipped workbook would unpack to too much, or has a document type in it.

    Leaves ``file`` at its beginning. What is no zip, or a damaged one, is for the reader to tell.
    """
    try:
        with zipfile.ZipFile(file) as book:
            parts = book.infolist()
            if len(parts) > PARTS:
                raise TooMuch(f"holds {len(parts):,} parts; a workbook has at most {PARTS:,}")
            weigh(sum(p.file_size for p in parts), sum(p.compress_size for p in parts), limits)
            for part in parts:
                _check_part(book, part, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        pass
    finally:
        file.seek(0)


def _check_part(book: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> None:
    weigh(part.file_size, part.compress_size, limits)
    name = part.filename.lower()
    if name.endswith(_TEXTS) and part.file_size > LARGEST_TEXTS:
        raise TooMuch(f"its texts unpack to more than {LARGEST_TEXTS >> 30} GiB")
    if name.endswith((".xml", ".rels", ".vml")):
        with book.open(part) as handle:
            # Without the NULs, UTF-16 and UTF-32 read like ASCII here.
            head = handle.read(_HEAD).replace(b"\0", b"")
        before = _BEFORE_ROOT.match(head)
        after = head[before.end() if before else 0 :]
        if after.startswith(b"<!") or (not after and part.file_size > _HEAD):
            raise TooMuch("has a document type inside, as no workbook has: not read")
