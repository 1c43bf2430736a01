"""Arrow without pandas until somebody asks for a frame."""

from __future__ import annotations

import subprocess
import sys


def said(program: str) -> list[str]:
    """What a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_an_array_is_made_without_importing_pandas() -> None:
    made = "pa.array([1, 2]), pa.scalar('x'), pa.table({'a': [1]}).sort_by('a')"
    assert said(f"import pipelines.engine, sys, pyarrow as pa; {made}; print('pandas' in sys.modules)") == [
        "False"
    ]


def test_a_frame_is_still_had_for_the_asking_both_ways() -> None:
    program = """
import pipelines.engine, pyarrow as pa
frame = pa.table({"a": [1, 2]}).to_pandas()
print(type(frame).__name__, pa.table(frame).num_rows, pa.array(frame["a"]).to_pylist() == [1, 2])
"""
    assert said(program) == ["DataFrame", "2", "True"]


def test_a_pandas_that_is_there_already_stays_known() -> None:
    program = """
import pandas, pyarrow as pa
import pipelines.engine
print(pa.array(pandas.Series([1.5, None])).null_count, pa.Table.from_pandas(pandas.DataFrame({"a": [1]})).num_rows)
"""
    assert said(program) == ["1", "1"]


def test_nobody_else_is_kept_from_an_import() -> None:
    assert said("import pipelines.engine, sys; print([f for f in sys.meta_path if 'Absent' in repr(f)])") == [
        "[]"
    ]
