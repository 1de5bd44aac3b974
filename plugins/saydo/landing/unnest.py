"""Lists of a nested delivery made rows: one for each element, lists in lists step by step."""

from __future__ import annotations

import re

import duckdb

from saydo.config import Feed
from saydo.config.shapes import Unnest
from saydo.landing.expressions import nearest
from saydo.landing.paths import extracted
from saydo.landing.relations import ELEMENT, FAULT, Relation, refusal
from saydo.sql import literal, quoted

NOT_A_LIST, LIST_IN_LIST, NULL_ELEMENT = 3, 4, 5  # values of `FAULT`
_LIST, _PLACE = "saydo list", "saydo place"
_IS_LIST = re.compile(r".*\[[0-9]*\]", re.DOTALL)


def held_element(step: Unnest) -> str:
    """The column that holds a step's element of JSON as it is."""
    return f"saydo element {step.as_}"


def check_steps(feed: Feed, file_name: str, relation: Relation) -> None:
    """Refuse a file without a column that is unnested, or with one of an element's name.

    Raises:
        DeliveryRefused: names the column.
    """
    known = {name.lower() for name in relation.types}
    advice = f"deliver it again, or change feeds.{feed.name}.unnest"
    for step in feed.unnest:
        root = step.path[0]
        if root.lower() not in known:
            hint = nearest(root, relation.types)
            what = f"the column {root!r}, which is unnested, is not there{hint}"
            raise refusal(feed, file_name, what, advice)
        if step.as_ in known:
            what = f"it has a column {step.as_!r} already, which unnest is to make"
            raise refusal(feed, file_name, what, f"give feeds.{feed.name}.unnest another `as`")
        known.add(step.as_)


def unnest_json_sql(feed: Feed, rows: str) -> str:
    """Select of a row per element. Elements are held as JSON, and as text under their names.

    Args:
        feed: its steps.
        rows: select of the delivered rows with `ELEMENT` and `FAULT`.
    """
    made: dict[str, str] = {}
    opened = {step.column for step in feed.unnest}
    for step in feed.unnest:
        root, *path = step.path
        text = quoted(root)
        json = made.get(root, f"try_cast({text} as json)")
        value = extracted(json, path) if path else json
        is_lost = f"{text} is not null and {json} is null" if root not in made else "false"
        if path:  # it leads through an object
            is_lost = f"{is_lost} or json_type({json}) not in ('OBJECT', 'NULL')"
        item, fault, element = quoted(held_element(step)), quoted(FAULT), quoted(ELEMENT)
        broken = f"case when {is_lost} or json_type({value}) not in ('ARRAY', 'NULL') "
        broken += f"then {NOT_A_LIST} end"
        # A row with a fault goes on as one row, so that it is counted and kept.
        lists = (
            f"select * replace (coalesce({fault}, {broken}) as {fault}, "
            f"case when {fault} is null then {_element_of(step, made)} else {element} end "
            f"as {element}), "
            f"case when json_type({value}) = 'ARRAY' then json_extract({value}, '$[*]') end "
            f"as {quoted(_LIST)} from ({rows})"
        )
        in_list = "" if step.as_ in opened else f"when 'ARRAY' then {LIST_IN_LIST} "
        rows = (
            f"select * exclude ({quoted(_LIST)}, {quoted(_PLACE)}) replace ("
            f"coalesce({fault}, case coalesce(json_type({item}), 'NULL') {in_list}"
            f"when 'NULL' then {NULL_ELEMENT} end) as {fault}, "
            f"{element} || case when {fault} is null then '[' || {quoted(_PLACE)} || ']' else '' "
            f"end as {element}), {item} ->> '$' as {quoted(step.as_)} from ("
            f"select *, unnest(case when {fault} is null then {quoted(_LIST)} "
            f"else [null] end) as {item}, "
            f"unnest(case when {fault} is null then generate_series(1, len({quoted(_LIST)})) "
            f"else [0] end) as {quoted(_PLACE)} from ({lists}))"
        )
        made[step.as_] = item
    return rows


def unnest_typed_sql(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file_name: str, rows: str
) -> str:
    """As `unnest_json_sql`, of columns that have types of their own, which the elements keep.

    Raises:
        DeliveryRefused: what is to be unnested is no list, or its elements are lists that no
            further step opens.
    """
    opened = {step.column for step in feed.unnest}
    made: dict[str, str] = {}
    advice = f"change feeds.{feed.name}.unnest"
    for step in feed.unnest:
        root, *path = step.path
        value = quoted(root)
        for name in path:
            value = f"struct_extract({value}, {literal(name)})"
        try:
            described = connection.execute(f"describe select {value} from ({rows})").fetchall()
        except duckdb.BinderException:
            what = f"{step.column!r}, which is unnested, is not there"
            raise refusal(feed, file_name, what, advice) from None
        kind = described[0][1]
        if not _IS_LIST.fullmatch(kind):
            what = f"{step.column!r}, which is unnested, is no list but {kind[:60]}"
            raise refusal(feed, file_name, what, advice)
        if _IS_LIST.fullmatch(kind[: kind.rindex("[")]) and step.as_ not in opened:
            what = f"the elements of {step.column!r} are lists themselves"
            raise refusal(feed, file_name, what, _open_it(feed, step))
        fault, element, item = quoted(FAULT), quoted(ELEMENT), quoted(step.as_)
        rows = (
            f"select * exclude ({quoted(_PLACE)}) replace (coalesce({fault}, case when {item} is "
            f"null then {NULL_ELEMENT} end) as {fault}, {element} || case when {fault} is null "
            f"then '[' || {quoted(_PLACE)} || ']' else '' end as {element}) from (select *, "
            f"unnest(case when {fault} is null then {value} else [null] end) as {item}, "
            f"unnest(case when {fault} is null then generate_series(1, len({value})) else [0] end) "
            f"as {quoted(_PLACE)} from (select * replace ({_element_of(step, made)} as {element}) "
            f"from ({rows})))"
        )
        made[step.as_] = item
    return rows


def _open_it(feed: Feed, step: Unnest) -> str:
    return (
        f"open them with a further step of feeds.{feed.name}.unnest, as in "
        f"{{column: {step.as_}, as: …}}"
    )


def element_faults(feed: Feed) -> tuple[tuple[int, str, str], ...]:
    """What may be wrong with a list or an element: number, reason code and reason."""
    columns = ", ".join(step.column for step in feed.unnest)
    return (
        (
            NOT_A_LIST,
            "not_a_list",
            f"no list is where feeds.{feed.name}.unnest ({columns}) has one; deliver a list, or "
            "unnest what is one",
        ),
        (
            LIST_IN_LIST,
            "list_in_list",
            f"the element is a list itself; {_open_it(feed, feed.unnest[-1])}",
        ),
        (
            NULL_ELEMENT,
            "null_element",
            "the element of the list is null; if that is meant, leave it out: where: "
            f"{feed.unnest[-1].as_} is not null",
        ),
    )


def _element_of(step: Unnest, made: dict[str, str]) -> str:
    """SQL of the place of a step's list: `answers`, or `items[1].answers` within an element."""
    root, *path = step.path
    if root not in made:
        return literal(step.column)
    tail = "".join(f".{name}" for name in path)
    return f"{quoted(ELEMENT)} || {literal(tail)}" if tail else quoted(ELEMENT)
