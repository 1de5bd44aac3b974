"""Survey answers: one question a file, one a row, or one a column; their scales and roles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from saydo.contract import SOURCES
from saydo.draft.choosing import answered, is_on_scale, is_question, matched, scores, sentinels
from saydo.draft.column import Column
from saydo.draft.feeds import Context, DraftFeed, as_text, key_guess, only_filled, whose_guesses
from saydo.draft.guesses import Guess, look, time_guess, when
from saydo.draft.synonyms import QUESTIONS
from saydo.draft.table import Table
from saydo.draft.words import nearness, slug_of, words_of
from saydo.sql import literal

_NAME, _VALUE = "question", "answer"  # what unpivoted columns become
_LONGEST_CODE = 24
_MOST_QUESTIONS = 500
_SMALL_SCALE = 7
_ENOUGH_TO_TELL = 200  # answers, of which one would be 0
Scale = tuple[int, int]


@dataclass(frozen=True)
class Question:
    """A question: its column or code as delivered, the code it gets, what it asks and its scale."""

    delivered: str
    code: str
    text: str
    role: str
    scale: Scale | None  # None: answered with text


def draft_answers(table: Table, context: Context) -> list[tuple[DraftFeed, list[Question]]]:
    """The feeds of survey responses of a file, each with its questions.

    One, unless several questions are fields of objects, of which each needs a feed.
    """
    whose = context.identity.whose.get(table.key)
    owner = whose.column if whose else None
    besides = {owner.name} if owner is not None else set()
    has = matched(table, "survey_responses", besides)
    asked = scores(table, besides)
    feed = DraftFeed(table.name, "survey_responses", table)
    if "question_code" in has and ("score" in has or "answer_text" in has) and len(asked) < 3:
        made = [(feed, _long(feed, has, owner, context))]
    else:
        has = {name: column for name, column in has.items() if column not in asked}
        taken = [owner, has.get("response_id"), *asked]
        written = [
            column
            for column in table.columns
            if column.kind == "text" and is_question(column) and column not in taken
        ]
        if len(asked) + len(written) == 1:
            made = [(feed, _single(feed, has, asked[0], owner, context))]
        elif table.can_unpivot([*asked, *written]):
            made = [(feed, _wide(feed, has, asked, written, owner, context))]
        else:
            made = []
            for score in asked:
                code = slug_of(score.path[-1])
                one = DraftFeed(f"{table.name}_{code}", "survey_responses", table)
                made.append((one, _single(one, has, score, owner, context, code)))
    for one, _ in made:
        _complete(one, owner, context)
    return made


def _complete(feed: DraftFeed, owner: Column | None, context: Context) -> None:
    """What is required and not yet said; the columns in the contract's order."""
    if where := only_filled(owner):
        given = feed.settings.get("where")
        both = f"{given.sql} and {where.sql}" if isinstance(given, Guess) else where.sql
        feed.settings["where"] = look(both, where.doubt)
    by_file = Guess(literal(slug_of(feed.table.name)), "by the file's name", "guess")
    feed.columns.setdefault("survey_code", by_file)
    feed.columns.setdefault("responded_at", when(None, context.last_day, "it was answered"))
    order = [column.name for column in SOURCES["survey_responses"].columns]
    feed.columns = {name: feed.columns[name] for name in order if name in feed.columns}


def _shared(
    feed: DraftFeed, has: dict[str, Column], owner: Column | None, context: Context
) -> None:
    """The columns that answers have whatever their shape."""
    table = feed.table
    feed.columns |= whose_guesses(table, context)
    if at := has.get("responded_at"):
        feed.columns["responded_at"] = time_guess(at, is_required=True)
    for name in ("invitation_id", "survey_code", "design_weight"):
        if (column := has.get(name)) is not None:
            feed.columns[name] = Guess(column.sql)
    if wave := has.get("wave_date"):
        feed.columns["wave_date"] = time_guess(wave, is_required=False, as_date=True)


def _single(
    feed: DraftFeed, has: dict[str, Column], score: Column, owner: Column | None, context: Context,
    given: str = "",
) -> list[Question]:  # fmt: skip
    table = feed.table
    feed.columns["response_id"], feed.key_columns = key_guess(table, has.get("response_id"), owner)
    _shared(feed, has, owner, context)
    role = _role(score.label or score.name, score)
    scale = _scale(answered(score), role)
    plain = "nps" if scale == (0, 10) else "overall"
    usual = {"recommend": "nps", "overall_satisfaction": "overall", "other": plain}
    code = given or usual.get(role, role)
    others = ", ".join(name for name in ("overall", "nps", "other") if name != code)
    feed.columns["question_code"] = look(literal(code), f"or {others}, or a role of `questions`")
    feed.columns["score"] = _score(score, score.sql)
    _write_scale(feed, scale)
    if (text := has.get("answer_text")) and not given:
        feed.columns["answer_text"] = Guess(text.sql)
    if where := only_filled(score):
        feed.settings["where"] = where
    return [Question(code, code, score.label, role, scale)]


def _score(score: Column, sql: str) -> Guess:
    """The score, without the values that stand for no answer."""
    stands = sentinels(score)
    for value in stands:
        sql = f"nullif({sql}, {literal(value)})"
    return look(sql, f"{', '.join(stands)} is read as no answer" if stands else "")


def _write_scale(feed: DraftFeed, scale: Scale) -> None:
    feed.columns["scale_min"] = Guess(f"{scale[0]}")
    feed.columns["scale_max"] = look(f"{scale[1]}", "the scale is guessed from the values")


def _long(
    feed: DraftFeed, has: dict[str, Column], owner: Column | None, context: Context
) -> list[Question]:
    """A row is the answer to one question."""
    table = feed.table
    code = has["question_code"]
    score = has.get("score")
    named = has.get("response_id")
    if (
        named is not None
        and len(set(zip(named.values, code.values, strict=True))) == table.row_count
    ):
        feed.columns["response_id"], feed.key_columns = Guess(as_text(named)), (named, code)
    else:
        feed.columns["response_id"], feed.key_columns = key_guess(table, named, owner)
    _shared(feed, has, owner, context)
    feed.columns["question_code"] = Guess(code.sql)
    by_code: dict[str, list[float]] = {}
    stands = {float(value) for value in sentinels(score)} if score is not None else set()
    if score is not None:
        feed.columns["score"] = _score(score, score.sql)
        for asked, value in zip(code.values, score.values, strict=True):
            try:
                number = float(value or "")
            except ValueError:
                continue
            if asked and number not in stands:
                by_code.setdefault(asked, []).append(number)
    text = has.get("answer_text")
    if text is not None and text is not score:
        feed.columns["answer_text"] = Guess(text.sql)
    questions = []
    for asked in sorted(code.distinct)[:_MOST_QUESTIONS]:
        values = by_code.get(asked)
        role = _role(asked, None, has_scores=bool(values))
        questions.append(
            Question(asked, asked, asked, role, _scale(values, role) if values else None)
        )
    _write_scales(feed, code.sql, questions)
    return questions


def _wide(
    feed: DraftFeed, has: dict[str, Column], asked: list[Column], written: list[Column],
    owner: Column | None, context: Context,
) -> list[Question]:  # fmt: skip
    """A row is one person's answers, a column one question."""
    table = feed.table
    feed.columns["response_id"], feed.key_columns = key_guess(table, has.get("response_id"), owner)
    asks = {column.name for column in (*asked, *written)}
    _shared(feed, {n: c for n, c in has.items() if c.name not in asks}, owner, context)
    columns = [column for column in table.columns if column.name in asks]
    feed.settings["unpivot"] = {
        "columns": [c.name for c in columns],
        "name": _NAME,
        "value": _VALUE,
    }
    questions: list[Question] = []
    for column in columns:
        text = column.label or column.name
        role = _role(text, column)
        scale = _scale(answered(column), role) if column in asked else None
        used = {question.code for question in questions}
        questions.append(Question(column.name, _code(column, role, used), text, role, scale))
    renamed = [q for q in questions if q.code != q.delivered]
    arms = " ".join(f"when {literal(q.delivered)} then {literal(q.code)}" for q in renamed)
    if renamed:
        feed.columns["question_code"] = Guess(f"case {_NAME} {arms} else {_NAME} end")
    else:
        feed.columns["question_code"] = Guess(_NAME)
    stands = sorted({value for column in asked for value in sentinels(column)})
    texts = [literal(q.delivered) for q in questions if q.scale is None]
    if stands and table.first.format == "csv":
        feed.settings["options"] = look(
            {"nullstr": ["", *stands]}, f"{', '.join(stands)} is read as no answer"
        )
    elif stands:
        left_out = " and ".join(f"{_VALUE} <> {literal(value)}" for value in stands)
        feed.settings["where"] = look(left_out, "these values are read as no answer")
    if texts:
        is_text = f"{_NAME} in ({', '.join(texts)})"
        feed.columns["score"] = Guess(f"case when {is_text} then null else {_VALUE} end")
        feed.columns["answer_text"] = Guess(f"case when {is_text} then {_VALUE} end")
    else:
        feed.columns["score"] = Guess(_VALUE)
    _write_scales(feed, _NAME, questions)
    return questions


def _write_scales(feed: DraftFeed, sql: str, questions: list[Question]) -> None:
    scales = Counter(question.scale for question in questions if question.scale)
    if not scales:
        return
    usual = min(scales, key=lambda scale: (-scales[scale], scale))
    for name, end, doubt in (
        ("scale_min", 0, ""), ("scale_max", 1, "the scales are guessed from the values"),
    ):  # fmt: skip
        other = {
            q.delivered: q.scale[end] for q in questions if q.scale and q.scale[end] != usual[end]
        }
        arms = " ".join(f"when {literal(asked)} then {value}" for asked, value in other.items())
        expression = f"case {sql} {arms} else {usual[end]} end" if other else f"{usual[end]}"
        feed.columns[name] = look(expression, doubt)


def _code(column: Column, role: str, used: set[str]) -> str:
    """The column's own name where that is a short code, else what it asks."""
    name = column.name
    is_code = name.isascii() and len(name) <= _LONGEST_CODE and " " not in name
    if is_code and not name.startswith("column"):
        return name
    if role != "other" and role not in used:
        return role
    code = slug_of(column.label or column.name)
    number = 2
    while code in used:
        code = f"{slug_of(column.label or column.name)}_{number}"
        number += 1
    return code


def _role(text: str, column: Column | None, *, has_scores: bool = True) -> str:
    words = words_of(text)
    for role, phrases in QUESTIONS.items():
        if nearness(words, phrases) > 0.45:
            needs_score = role not in ("cancel_reason",)
            is_scored = is_on_scale(column) if column is not None else has_scores
            if needs_score == is_scored:
                return role
    return "other"


def _scale(numbers: list[float] | None, role: str) -> Scale:
    """The usual scale that holds the numbers."""
    largest, least = max(numbers or [0]), min(numbers or [0])
    if role == "recommend" and largest <= 10:
        return (0, 10)
    for top in (5, 7, 10, 100):
        if largest <= top:
            # Most scales to 10 begin with 0, which few choose.
            is_from_0 = least < 1 or (top > _SMALL_SCALE and len(numbers or []) < _ENOUGH_TO_TELL)
            return (0 if is_from_0 else 1, top)
    return (0, int(largest))
