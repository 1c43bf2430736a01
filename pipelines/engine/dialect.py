"""The stages' SQL as Spark reads it: written once, for DuckDB, and translated where the two differ.

sqlglot knows most of it (how nulls are ordered, what ``concat`` makes of them, names of functions and types). What
it does not know and the stages use is put right here; what neither could say stands in no stage. A statement that
does not fit is an error of ours, so nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

Columns = Callable[[str], list[str]]
"""The columns of what stands behind ``from``, as the engine knows them."""


@lru_cache(maxsize=256)
def parsed(statement: str) -> exp.Expr:
    """One statement of DuckDB's, read; not to be changed."""
    return sqlglot.parse_one(statement, read="duckdb")


def spark_sql(query: exp.Expr | str, columns: Columns) -> str:
    """A query of DuckDB's in Spark's words. ``columns`` is asked about ``select * replace (…)`` only."""
    tree = (parsed(query) if isinstance(query, str) else query).copy()
    for select in list(tree.find_all(exp.Select)):
        _expand_replaced(select, columns)
    return str(tree.transform(_translated).sql(dialect="spark"))


def _translated(node: exp.Expr) -> exp.Expr:
    """One node of the tree."""
    if isinstance(node, exp.RegexpFullMatch):
        return exp.RegexpLike(
            this=node.this, expression=exp.Literal.string(rf"\A(?:{node.expression.this})\z")
        )
    if isinstance(node, exp.RegexpReplace):
        raise NotImplementedError("regexp_replace: which of its matches are replaced differs")
    if isinstance(node, exp.Cast) and (digits := _hexadecimal(node.this)) is not None:
        ten = exp.Anonymous(this="conv", expressions=[digits, exp.Literal.number(16), exp.Literal.number(10)])
        return exp.Cast(this=ten, to=node.to)
    return node


def _hexadecimal(value: Any) -> exp.Expr | None:
    """``x`` of ``'0x' || x``, which DuckDB casts to a number and Spark does not."""
    inner = value.this if isinstance(value, exp.Paren) else value
    if isinstance(inner, exp.DPipe) and inner.this == exp.Literal.string("0x"):
        found: exp.Expr = inner.expression
        return found
    return None


def _expand_replaced(select: exp.Select, columns: Columns) -> None:
    """``select * replace (x as a)`` column by column, in place: each stays where it is."""
    for star in [e for e in select.expressions if isinstance(e, exp.Star) and e.args.get("replace")]:
        new = {alias.alias.lower(): alias for alias in star.args["replace"]}
        from_ = select.args.get("from_") or select.args["from"]
        source = " ".join(part.sql(dialect="duckdb") for part in [from_, *(select.args.get("joins") or ())])
        written = [new.get(name.lower(), exp.column(name, quoted=True)) for name in columns(source)]
        at = select.expressions.index(star)
        select.set("expressions", [*select.expressions[:at], *written, *select.expressions[at + 1 :]])
