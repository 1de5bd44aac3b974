"""From delivered files to a draft of feeds.yml: the order of the steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from saydo.config.dictionaries import BUILT_IN_IDENTIFIERS, BUILT_IN_QUESTIONS
from saydo.contract import SOURCES
from saydo.draft.answers import Question, draft_answers
from saydo.draft.choosing import fits
from saydo.draft.facts import draft_facts
from saydo.draft.feeds import Context, DraftFeed, reads
from saydo.draft.filling import chosen_tables
from saydo.draft.guesses import Guess, is_key, look
from saydo.draft.joining import Identity, identify, is_personal
from saydo.draft.persons import draft_accounts, draft_identifiers
from saydo.draft.sample import NotReadable, Sample, read_samples
from saydo.draft.shapes import unnested, with_columns
from saydo.draft.table import Table, grouped
from saydo.sql import literal

_LONGEST_NAME = 58  # of a feed; a number may follow
_NO_EVENT = {"birth", "born", "end", "ends", "until", "expiry", "limit", "term", "to", "due"}
_USUAL_DAYS = 0.99  # of all days; the last ones may be typing errors


@dataclass
class Draft:
    """All that a drafted feeds.yml says, and what it could not."""

    feeds: list[DraftFeed] = field(default_factory=list)
    country: Guess | None = None
    currency: Guess | None = None
    has_naive_times: bool = False
    identifier_types: dict[str, Guess] = field(default_factory=dict)
    questions: dict[str, Guess] = field(default_factory=dict)
    measures: dict[str, Guess] = field(default_factory=dict)
    left: list[Table] = field(default_factory=list)  # files that fill no table
    tables: list[Table] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)  # file, what is wrong with it


def draft_feeds(
    files: Sequence[tuple[Path, str]], tell: Callable[[str], None] = lambda name: None
) -> Draft:
    """Look at the beginnings of delivered files and draft a feed for each table that they fill.

    Args:
        files: each with its name below landing/.
        tell: called with the name of each file before it is read.
    """
    draft = Draft()
    samples: list[Sample] = []
    for file, name in sorted(files, key=lambda item: item[1]):
        tell(name)
        try:
            samples += [with_columns(sample) for sample in read_samples(file, name)]
        except NotReadable as error:
            draft.findings.append((name, str(error)))
    tables = [_best_shape(table) for table in grouped(samples)]
    draft.tables = tables
    identity = identify(tables)
    draft.currency = _currency(tables)
    context = Context(identity, draft.currency, _last_day(tables))
    _draft_tables(draft, tables, context)
    _tell_keys_apart(draft.feeds)
    _name_once(draft.feeds)
    for known in identity.identifiers:
        if known.id_type not in BUILT_IN_IDENTIFIERS:
            personal = is_personal(known.id_type, known.column)
            draft.identifier_types[known.id_type] = Guess(
                f"{{is_personal: {str(personal).lower()}, max_customers: 1}}",
                ""
                if not personal
                else "is_personal: stored as a keyed hash only; false if it names nobody",
                "look" if personal else "",
            )
    for feed in draft.feeds:
        draft.measures |= feed.measures
    draft.country = _country(tables, identity)
    draft.has_naive_times = any(
        column.kind == "time" and not column.times.has_zone and reads(feed, column)
        for feed in draft.feeds
        for column in feed.table.columns
    )
    return draft


def _best_shape(table: Table) -> Table:
    """The table as it is, or with one of its lists taken apart, by what fits a canonical table."""
    if not table.first.objects:
        return table
    best = (max(_fit(table), 0.5 if len(table.columns) > 2 else 0.0), 0, table)
    whole = replace(table.first, objects=[o for s in table.samples for o in s.objects])
    for place, (sample, steps) in enumerate(unnested(whole), 1):
        taken = Table(table.samples, sample.columns, table.path, steps)
        best = max(best, (_fit(taken) + 0.1, -place, taken), key=lambda item: item[:2])
    return best[2]


def _fit(table: Table) -> float:
    return max(
        fits(table, target)
        for target in ("survey_responses", "transactions", "network_sessions", "interactions",
                       "network_usage_daily", "subscriptions")
    )  # fmt: skip


def _draft_tables(draft: Draft, tables: list[Table], context: Context) -> None:
    identity = context.identity
    if identity.accounts:
        lists = (identity.accounts, *identity.further)
        draft.feeds += [draft_accounts(table, context) for table in lists]
    draft.feeds += draft_identifiers(context)
    for table in tables:
        for target in chosen_tables(table, identity):
            if target == "survey_responses":
                for feed, questions in draft_answers(table, context):
                    draft.feeds.append(feed)
                    _declare(draft, questions)
            else:
                target = _sessions_if_repeated(table, target, context)
                draft.feeds.append(draft_facts(table, target, context))
        if not any(feed.table is table for feed in draft.feeds):
            draft.left.append(table)


def _sessions_if_repeated(table: Table, target: str, context: Context) -> str:
    """Several rows of one person and day are sessions: as daily usage the newest would win."""
    if target != "network_usage_daily":
        return target
    daily = draft_facts(table, target, context)
    return target if is_key(daily.key_columns) else "network_sessions"


def _declare(draft: Draft, questions: list[Question]) -> None:
    for question in questions:
        if question.code in BUILT_IN_QUESTIONS:
            continue
        text = " ".join(question.text.split())
        asks = f"asks: {text}" if text and text != question.code else "by its name"
        draft.questions[question.code] = Guess(question.role, asks, "look")


def _tell_keys_apart(feeds: list[DraftFeed]) -> None:
    """Files of one table that number on their own get keys that say which file it was."""
    seen: dict[str, list[DraftFeed]] = {}
    for feed in feeds:
        name = next(iter(feed.columns))
        if len(feed.key_columns) != 1 or name != SOURCES[feed.source].key[0]:
            continue
        mine = feed.key_columns[0].distinct
        for other in seen.setdefault(feed.source, []):
            if other.table is not feed.table and mine & other.key_columns[0].distinct:
                sql = f"{literal(feed.name + ':')} || {feed.columns[name].sql}"
                feed.columns[name] = look(sql, f"{other.name} has the same numbers")
                break
        seen[feed.source].append(feed)


def _name_once(feeds: list[DraftFeed]) -> None:
    times = Counter(feed.name for feed in feeds)
    used: set[str] = set()
    for feed in feeds:
        if times[feed.name] > 1:
            feed.name = f"{feed.name}_{feed.source}"
        feed.name = feed.name[:_LONGEST_NAME].rstrip("_")
        number, name = 2, feed.name
        while feed.name in used:
            feed.name = f"{name}_{number}"
            number += 1
        used.add(feed.name)


def _currency(tables: list[Table]) -> Guess:
    codes: Counter[str] = Counter()
    for table in tables:
        for column in table.columns:
            if column.kind == "currency":
                codes.update(value.upper() for value in column.filled)
            elif column.currency:
                codes[column.currency] += len(column.filled)
    if codes:
        code = min(codes, key=lambda name: (-codes[name], name))
        return Guess(literal(code), "the files' most frequent currency", "look")
    return Guess("'EUR'", "no file says a currency: the one that is reported in", "guess")


def _country(tables: list[Table], identity: Identity) -> Guess | None:
    """The country most numbers that name one are of; None where no column is a telephone number."""
    columns = [
        column
        for table in tables
        for column in table.columns
        if column in [i.column for i in identity.identifiers if i.id_type == "msisdn"]
        or ((w := identity.whose.get(table.key)) and w.id_type == "msisdn" and w.column is column)
    ]
    if not columns:
        return None
    import phonenumbers

    found: Counter[str] = Counter()
    for value in (value for column in columns for value in column.shown[:500]):
        text = "+" + value[2:] if value.startswith("00") else value
        if text.startswith("+"):
            try:
                number = phonenumbers.parse(text)
                region = phonenumbers.region_code_for_country_code(number.country_code)
            except phonenumbers.NumberParseException:
                continue
            if region not in ("ZZ", "001"):
                found[region] += 1
    if not found:
        return Guess("", "country: GB", "missing")
    best = min(found, key=lambda name: (-found[name], name))
    return Guess(
        best, "of telephone numbers that name none: where most of the others are of", "guess"
    )


def _last_day(tables: list[Table]) -> date | None:
    days = sorted(
        day
        for table in tables
        for column in table.columns
        if column.kind == "time" and column.times and not _NO_EVENT & set(column.words)
        for day in column.times.days
        if day.year >= 1990
    )
    return days[min(int(_USUAL_DAYS * len(days)), len(days) - 1)] if days else None
