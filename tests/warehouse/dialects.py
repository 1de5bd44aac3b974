"""Whether SQL is an engine's, as far as a parser knows: `sqlglot`, and what it lets pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlglot
from compiled import Compiled
from sqlglot import ErrorLevel
from sqlglot.dialects import Spark
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

# `show functions` of the Spark that is locked; tests/spark compares.
SPARK_FUNCTIONS = frozenset(
    Path(__file__).with_name("spark_functions.txt").read_text(encoding="utf-8").split()
)
# Of Spark's grammar, so not among them.
_GRAMMAR = {"timestampadd", "timestampdiff", "try_cast"}
_CALLABLE = Spark.Parser.FUNC_TOKENS
_NO_TYPES = {
    TokenType.VARCHAR, TokenType.INT128, TokenType.UINT128, TokenType.UBIGINT, TokenType.UINT,
    TokenType.USMALLINT, TokenType.UTINYINT,
}  # fmt: skip
_BRACKETS = {TokenType.L_BRACKET, TokenType.L_BRACE}


def faults(engine: str, compiled: Compiled) -> list[str]:
    """What `engine` (duckdb or spark) does not understand: file, compiled line, why, its text."""
    try:
        sqlglot.parse(compiled.sql, dialect=engine, error_level=ErrorLevel.RAISE)
        found = list(_refused_by_spark(compiled.sql)) if engine == "spark" else []
    except (ParseError, TokenError) as error:
        told = getattr(error, "errors", None) or [{}]
        reason = told[0].get("description") or str(error).splitlines()[0]
        found = [(told[0].get("line") or 1, f"{engine} cannot read it: {reason}")]
    lines = compiled.sql.splitlines()
    return [
        f"{compiled.file}: compiled for {engine}, line {line}: {reason}: {lines[line - 1].strip()}"
        for line, reason in found
    ]


def _refused_by_spark(sql: str) -> Iterator[tuple[int, str]]:
    tokens = sqlglot.tokenize(sql, dialect="spark")
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if reason := _refusal(sql, before, token, after):
            yield token.line, reason


def _refusal(sql: str, before: Token | None, token: Token, after: Token | None) -> str | None:
    is_called = after is not None and after.token_type == TokenType.L_PAREN
    follows_as = before is not None and before.token_type == TokenType.ALIAS
    name = token.text.lower()
    if token.token_type in _BRACKETS:
        return f"Spark has no {token.text} for lists and structs"
    if token.token_type in _NO_TYPES and follows_as and not is_called:
        return f"Spark has no type {name}"
    # After `as` come types with a length and names with a list of columns.
    if is_called and not follows_as and token.token_type in _CALLABLE:
        return None if name in SPARK_FUNCTIONS | _GRAMMAR else f"Spark has no function {name}"
    if token.token_type == TokenType.STRING:
        if sql[token.start] == '"':
            return "on Spark double quotes hold a text, not a name"
        if before and before.token_type == TokenType.STRING and before.end + 1 == token.start:
            return "Spark leaves a doubled quote out of a text"
    return None
