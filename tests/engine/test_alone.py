"""Two runs of one office at once: the second waits, and says so."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from pipelines.engine import alone


@pytest.mark.parametrize("shared", [(False, False), (True, False), (False, True)], ids=str)
def test_the_second_waits_and_says_so(tmp_path: Path, shared: tuple[bool, bool]) -> None:
    said, order = threading.Event(), []

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert str(tmp_path) in record.getMessage()
            said.set()

    def second() -> None:
        with alone(tmp_path, shared[1]):
            order.append("second")

    waiting = threading.Thread(target=second)
    told = Told()
    logging.getLogger("padan.run").addHandler(told)
    try:
        with alone(tmp_path, shared[0]):
            waiting.start()
            assert said.wait(60)
            order.append("first")
        waiting.join(60)
    finally:
        logging.getLogger("padan.run").removeHandler(told)
    assert order == ["first", "second"]


def test_tasks_of_one_run_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with alone(tmp_path, shared=True), alone(tmp_path, shared=True):
        assert (tmp_path / ".run.lock").exists()


def test_nobody_waits_for_a_run_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "data"):
        _ = 1 / 0
    with alone(tmp_path / "data"):
        assert [path.name for path in (tmp_path / "data").iterdir()] == [".run.lock"]
