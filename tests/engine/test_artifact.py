"""A table's folder appears whole, stays whole, and is there at every moment once it was there."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.engine import PART, read_artifact, taken_up, write_folder, write_table
from pipelines.engine.exchange import exchange
from pipelines.errors import TableReplaced

ROOT = Path(__file__).parent.parent.parent


def write(target: Path, text: str, *names: str) -> None:
    with write_folder(target) as folder:
        for name in names or ("a",):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)


def content(target: Path) -> dict[str, str]:
    return {str(p.relative_to(target)): p.read_text() for p in target.rglob("*") if p.is_file()}


def fail_in_the_middle(target: Path) -> None:
    with write_folder(target) as folder:
        (folder / "a").write_text("half")
        raise ArithmeticError


@pytest.fixture(params=["exchange", "move aside"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to replace a folder: the file system's own, and the one for file systems without it."""
    if request.param == "move aside":

        def cannot(one: Path, other: Path) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(one))

        monkeypatch.setattr("pipelines.engine.artifact.exchange", cannot)
    return str(request.param)


def test_a_folder_appears_when_its_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "items"
    with write_folder(target) as folder:
        (folder / "a").write_text("1")
        assert not target.exists()
    assert content(target) == {"a": "1"}


def test_an_older_folder_is_replaced_as_a_whole(tmp_path: Path, way: str) -> None:
    target = tmp_path / "items"
    write(target, "old", "a", "b", "c/d")
    write(target, "new", "a")
    assert content(target) == {"a": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["items"], f"nothing is left beside it ({way})"


def test_a_block_that_raises_leaves_the_older_folder(tmp_path: Path, way: str) -> None:
    target = tmp_path / "items"
    write(target, "old")
    with pytest.raises(ArithmeticError):
        fail_in_the_middle(target)
    assert content(target) == {"a": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["items"], way


def test_an_empty_older_folder_is_replaced(tmp_path: Path, way: str) -> None:
    (tmp_path / "items").mkdir()
    write(tmp_path / "items", "new")
    assert content(tmp_path / "items") == {"a": "new"}, way


def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        write(tmp_path / "items", "1", "a", "deep/b")
    finally:
        os.umask(previous)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "items").rglob("*")}
    assert modes == {"a": 0o600, "deep": 0o700, "b": 0o600}
    assert stat.S_IMODE((tmp_path / "items").stat().st_mode) == 0o700


def test_many_that_replace_one_folder_at_once(tmp_path: Path) -> None:
    """Each writes a folder whose two files agree; a reader never finds it missing, the last one stays."""
    target = tmp_path / "items"
    write(target, "first", "a", "b")
    done = threading.Event()
    missing: list[Path] = []
    errors: list[BaseException] = []

    def replace(number: int) -> None:
        try:
            for turn in range(25):
                write(target, f"{number}-{turn}", "a", "b")
        except BaseException as error:
            errors.append(error)

    def look() -> None:
        while not done.is_set():
            if not target.exists():
                missing.append(target)

    reader = threading.Thread(target=look)
    writers = [threading.Thread(target=replace, args=(number,)) for number in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert errors == []
    assert missing == []
    assert len(set(content(target).values())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["items"]


def test_exchange_lets_two_folders_change_places(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "two é"
    write(one, "1")
    write(other, "2")
    exchange(one, other)
    assert (content(one), content(other)) == ({"a": "2"}, {"a": "1"})


def test_exchange_needs_both(tmp_path: Path) -> None:
    write(tmp_path / "one", "1")
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "one", tmp_path / "none")
    assert content(tmp_path / "one") == {"a": "1"}


def test_an_artifact_says_what_lies_there(tmp_path: Path) -> None:
    import hashlib

    artifact = write_table(pa.table({"n": [1, 2, 3]}), tmp_path / "numbers")
    assert artifact.rows == 3
    assert artifact.file == tmp_path / "numbers" / PART
    assert artifact.sha256 == hashlib.sha256(artifact.file.read_bytes()).hexdigest()
    assert read_artifact(tmp_path / "numbers") == artifact
    assert type(artifact)(**artifact.as_dict()) == artifact


def test_a_folder_without_a_table_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_artifact(tmp_path)


def test_a_table_is_taken_up_as_it_was_handed_over(tmp_path: Path) -> None:
    handed_over = write_table(pa.table({"a": [1]}), tmp_path / "t").as_dict()
    assert taken_up(handed_over).rows == 1
    write_table(pa.table({"a": [2]}), tmp_path / "t")
    with pytest.raises(TableReplaced, match="another run wrote it meanwhile; run this date again"):
        taken_up(handed_over)


KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.engine import write_folder
with write_folder(Path(sys.argv[1])) as folder:
    (folder / "a").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_has_left_goes_with_the_next_attempt_and_nothing_else(tmp_path: Path) -> None:
    """A folder that somebody is writing at the moment stays."""
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "t"], cwd=ROOT)
    assert done.returncode == -9
    assert [p.name.startswith(".t.") for p in tmp_path.iterdir()] == [True]
    with write_folder(tmp_path / "t") as one:
        (one / "a").write_text("one")
        write(tmp_path / "t", "other")
        assert one.is_dir()
    assert [p.name for p in tmp_path.iterdir()] == ["t"]
    assert content(tmp_path / "t") == {"a": "one"}


def test_what_has_to_last_is_on_the_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "2026-11-24"
    kept: list[tuple[int, bool]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: kept.append((os.fstat(handle).st_ino, target.exists())))
    with write_folder(target, lasting=True) as folder:
        (folder / "returns").mkdir()
        (folder / "returns" / "rsud.xlsx").write_text("a")
        (folder / "manifest.json").write_text("b")
    inside = {path.stat().st_ino for path in (target, *target.rglob("*"))}
    assert {inode for inode, there in kept if not there} == inside
    assert kept[-1] == (tmp_path.stat().st_ino, True)


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL])
def test_a_disk_that_does_not_keep_it_leaves_the_older_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    write(tmp_path / "2026-11-24", "old")
    monkeypatch.setattr(os, "fsync", fail)
    with (
        pytest.raises(OSError, match=os.strerror(number)),
        write_folder(tmp_path / "2026-11-24", lasting=True) as folder,
    ):
        (folder / "a").write_text("new")
    assert content(tmp_path / "2026-11-24") == {"a": "old"}


def test_a_share_whose_folders_cannot_be_asked_for_it_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fail)
    with write_folder(tmp_path / "2026-11-24", lasting=True) as folder:
        (folder / "a").write_text("new")
    assert content(tmp_path / "2026-11-24") == {"a": "new"}
