"""How the whole job grows, on sizes that take a moment."""

from __future__ import annotations

import pytest

from bench import growth


def test_the_exponent_is_one_where_ten_times_the_people_take_ten_times_as_long() -> None:
    assert growth.exponent((1_000, 2.0), (10_000, 20.0)) == pytest.approx(1.0)
    assert growth.exponent((1_000, 2.0), (10_000, 200.0)) == pytest.approx(2.0)
    assert growth.exponent((1_000, 2.0), (10_000, 2.0)) == 0


@pytest.mark.slow
def test_each_size_is_run_whole_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth.main(["--people", "600", "300", "--seed", "5"]) == 0
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines()
    ]
    assert lines[0] == ["people", "300", "600", "exponent"]
    told = {name: cells for name, *cells in lines[2:]}
    rows = [int(cell.replace(",", "")) for cell in told["rows read"][:2]]
    assert 300 < rows[0] < rows[1] < 2_000
    assert {f"{name}, seconds" for name in growth.STAGES.values()} < told.keys()
    family, match = (told[f"{name}, MiB"] for name in ("all processes at their most", "match"))
    assert float(family[0].replace(",", "")) > float(match[0].replace(",", "")) > 50
