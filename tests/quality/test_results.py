"""From a result to its row and to the line that stops a run, on results as Great Expectations writes them."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.quality.results import failure, result_rows


def result(
    seen: dict[str, Any], success: bool = False, severity: str = "critical", name: str = "odd"
) -> dict[str, Any]:
    return {
        "success": success,
        "result": seen,
        "exception_info": {"raised_exception": False, "exception_message": None},
        "expectation_config": {
            "severity": severity,
            "meta": {"name": name, "id": {"expects": "Genap."}, "en": {"expects": "Even."}},
        },
    }


def row(seen: dict[str, Any]) -> dict[str, Any]:
    return dict(result_rows("raw", "raw/x", [result(seen)], "en").to_pylist()[0])


@pytest.mark.parametrize(
    ("seen", "observed", "unexpected", "words"),
    [
        ({"observed_value": 195000}, 195000, None, "saw 195000"),
        ({"observed_value": 0.0312345678}, 0.0312345678, None, "saw 0.0312346"),
        ({"observed_value": 0.0}, 0, None, "saw 0"),
        ({"observed_value": None}, None, None, "saw nothing"),
        ({"element_count": 10, "missing_count": 4, "unexpected_count": 2}, 6, 2, "2 of 6 differ"),
        ({"element_count": 10, "unexpected_count": 1}, 10, 1, "1 of 10 differ"),
        (
            {
                "observed_value": ["a", "c"],
                "details": {"mismatched": {"missing": ["b"], "unexpected": ["c"]}},
            },
            2,
            2,
            "without b; with unknown c",
        ),
    ],
)
def test_what_was_seen(seen: dict[str, Any], observed: float, unexpected: int, words: str) -> None:
    assert (row(seen)["observed"], row(seen)["unexpected"]) == (observed, unexpected)
    assert failure("raw", "raw/x", [result(seen)]) == f"gate raw: raw/x: odd: {words}, expected: Even."


def test_columns_in_order() -> None:
    seen = row({"observed_value": ["a", "b"], "details": None})
    assert (seen["observed"], seen["unexpected"]) == (2, 0)


def test_what_is_expected_is_said_in_the_language_of_the_office_and_errors_in_english() -> None:
    one = result({"observed_value": 1})
    assert result_rows("raw", "raw/x", [one], "id")["detail"].to_pylist() == ["Genap."]
    assert str(failure("raw", "raw/x", [one])).endswith("expected: Even.")


def test_no_line_for_what_passed_or_only_warns() -> None:
    passed, warned = (
        result({"observed_value": 2}, success=True),
        result({"observed_value": 1}, severity="warning"),
    )
    assert failure("raw", "raw/x", [passed, warned]) is None


def test_the_first_in_the_suites_order_is_told() -> None:
    both = [result({"observed_value": 1}, name="zebra"), result({"observed_value": 3}, name="ape")]
    assert failure("raw", "raw/x", both) == "gate raw: raw/x: zebra: saw 1, expected: Even. (and 1 more)"
    assert result_rows("raw", "raw/x", both, "en")["expectation"].to_pylist() == ["ape", "zebra"]


def test_what_could_not_be_checked() -> None:
    one = result({})
    one["exception_info"] = {"raised_exception": True, "exception_message": "no column sex"}
    assert (
        failure("raw", "raw/x", [one])
        == "gate raw: raw/x: odd: could not be checked (no column sex), expected: Even."
    )
    assert result_rows("raw", "raw/x", [one], "en")["observed"].to_pylist() == [None]
