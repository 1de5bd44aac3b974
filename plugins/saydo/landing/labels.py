"""Texts of questions that a delivered file says in its header rows, by question code."""

from __future__ import annotations

import duckdb

from saydo.config import Feed
from saydo.landing.expressions import parse_expression
from saydo.landing.relations import Relation


def question_texts(
    connection: duckdb.DuckDBPyConnection, feed: Feed, relation: Relation
) -> dict[str, str]:
    """The label of each column as the text of the question code that its answers were given.

    Without `unpivot` a file asks one question: its label is that of the column that the score, or
    else the answer's text, is made of.

    Args:
        connection: holds `staged`.
        feed: its source and shape.
        relation: the file, with the labels of its columns.
    """
    if feed.source != "survey_responses" or not relation.labels:
        return {}
    labels = {name.lower(): text for name, text in relation.labels.items()}
    codes = "select distinct {} as name, question_code from staged where _error = 0"
    if feed.unpivot:
        found = connection.execute(codes.format("cast(_element as varchar)")).fetchall()
    else:
        asked = feed.columns.get("score") or feed.columns.get("answer_text")
        names = parse_expression(asked).columns if asked else ()
        if len(names) != 1:
            return {}
        found = connection.execute(codes.format("null") + " limit 2").fetchall()
        found = [(names[0], code) for _, code in found] if len(found) == 1 else []
    return {
        str(code): labels[name.lower()]
        for name, code in sorted(found)
        if name and name.lower() in labels
    }
