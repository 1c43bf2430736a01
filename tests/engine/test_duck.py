"""The one way in which a database is opened."""

from __future__ import annotations

import subprocess
import sys


def test_no_database_draws_bars_even_where_the_program_is_no_file(tmp_path):
    """A gates' process is started by ``python -c``, which DuckDB takes for a notebook."""
    program = f"""
from pathlib import Path
from pipelines.engine import connect
con = connect(Path({str(tmp_path)!r}))
print([c.execute("select current_setting('enable_progress_bar')").fetchone()[0] for c in (con, con.cursor())])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[False, False]"
