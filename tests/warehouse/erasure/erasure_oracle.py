"""Who is meant by a request to be erased: plain Python, moment by moment, written apart."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from absence_oracle import ALWAYS, STILL, File, Standing, midnight
from absence_oracle import Oracle as Standings
from erasure_worlds import FILES, LANDED, ZONE, Row, Worlds
from small_home import FEEDS

from saydo.contract import SOURCES

REASSIGNED = {name for name, kind in FEEDS.all_identifier_types.items() if kind.quarantine_days}
Identifier = tuple[str, str]
Span = tuple[datetime, datetime]


def that_count(worlds: Worlds, source: str) -> list[Row]:
    """The newest version of each key, of accepted files; those that say a day are the oldest."""
    found: dict[tuple, Row] = {}
    order = sorted(range(len(FILES[source])), key=lambda n: (FILES[source][n][3] or LANDED, n))
    for file in order:
        if FILES[source][file][1] == "accepted":
            for row in worlds.rows(source, file):
                found[tuple(row[name] for name in SOURCES[source].key)] = row
    return list(found.values())


def standing(worlds: Worlds, source: str) -> list[Standing]:
    """World by world: the rows that stand, whatever the as-of date."""
    told = defaultdict(list)
    for number, (feed, status, delivery, day) in enumerate(FILES[source]):
        by_world = defaultdict(list)
        for row in worlds.rows(source, number):
            by_world[row["account_key"].split("/")[0]].append(row)
        for world in worlds.names:
            rows = tuple(by_world[world])
            file = File(feed, source, rows, delivery, LANDED, day, status)
            told[world].append(file)
    return [row for files in told.values() for row in Standings(files, source, ZONE).rows]


class Oracle:
    """Whose each identifier was at each moment, and what follows for the requests."""

    def __init__(self, worlds: Worlds):
        opened: dict[str, datetime] = {}
        versions = that_count(worlds, "accounts")
        for row in sorted(versions, key=lambda row: row["updated_at"] or ALWAYS):
            opened[row["account_key"]] = row["opened_at"]
        rows = that_count(worlds, "account_identifiers")
        self.known = set(opened) | {row["account_key"] for row in rows}
        self.spans: dict[Identifier, dict[str, list[Span]]] = defaultdict(dict)
        undated: dict[Identifier, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
        for stood in standing(worlds, "account_identifiers"):
            row, end = stood.row, stood.end
            identifier, account = (row["id_type"], row["id_key"]), row["account_key"]
            if identifier == ("account_id", account):
                continue
            begin = row["valid_from_at"] or stood.follows
            if begin is None:
                begin = opened.get(account, ALWAYS)
                if identifier[0] not in REASSIGNED:
                    begin = begin if begin < end else ALWAYS
                    undated[identifier][account].append((begin, end))
            if begin < end:
                self.spans[identifier].setdefault(account, []).append((begin, end))
        for identifier, holders in self.spans.items():
            self._open_to_the_past(holders, undated[identifier])
        self.requests = that_count(worlds, "erasure_requests")
        self.customers = worlds.customers
        self.meant = {row["request_id"]: self._meant(row) for row in self.requests}

    @staticmethod
    def _open_to_the_past(holders: dict[str, list[Span]], undated: dict[str, list[Span]]) -> None:
        """What nobody had is theirs who had it next, if of their spans there one has no begin."""
        told = [(*span, account) for account, spans in holders.items() for span in spans]
        edges = sorted({ALWAYS, *(edge for begin, end, _ in told for edge in (begin, end))})
        for moment, following in pairwise(edges):
            if any(begin <= moment < end for begin, end, _ in told):
                continue
            for account in {account for begin, _, account in told if begin == following}:
                reach = Oracle._merged([s[:2] for s in told if s[2] == account], following)
                if any(reach[0] <= begin < reach[1] for begin, _ in undated[account]):
                    holders[account].append((moment, following))

    def holders(self, identifier: Identifier, moment: datetime) -> set[str]:
        return {
            account
            for account, spans in self.spans.get(identifier, {}).items()
            if any(begin <= moment < end for begin, end in spans)
        }

    def _meant(self, request: Row) -> set[str]:
        identifier = (request["id_type"], request["id_key"])
        if identifier[0] == "account_id":
            return {identifier[1]}
        now = self.holders(identifier, request["requested_at"])
        if now:
            return now
        ends = {
            account: max((end for _, end in spans if end <= request["requested_at"]), default=None)
            for account, spans in self.spans.get(identifier, {}).items()
        }
        last = max((end for end in ends.values() if end), default=None)
        return {account for account, end in ends.items() if last and end == last}

    @cached_property
    def ambiguous(self) -> set[str]:
        persons = {name: {self.customers.get(a, a) for a in accounts}
                   for name, accounts in self.meant.items()}  # fmt: skip
        return {name for name, found in persons.items() if len(found) > 1}

    @cached_property
    def hidden(self) -> set[str]:
        return set().union(*self.meant.values())

    @cached_property
    def named(self) -> set[str]:
        return set().union(*(self.meant[name] for name in self.meant.keys() - self.ambiguous))

    def is_theirs(self, accounts: set[str], identifier: Identifier, at: datetime | date) -> bool:
        """Whether a fact by that identifier, at that instant or on that day, is of the accounts."""
        if identifier in self._nobodys:
            return True
        if identifier[0] == "account_id" and (
            identifier[1] in self.known or identifier[1] in accounts
        ):
            return identifier[1] in accounts
        return any(
            self._is_of(account, identifier, at)
            for account in accounts & self.spans.get(identifier, {}).keys()
        )

    @cached_property
    def _nobodys(self) -> set[Identifier]:
        named = {(row["id_type"], row["id_key"]) for row in self.requests
                 if row["id_type"] != "account_id"}  # fmt: skip
        return {identifier for identifier in named if not self.spans.get(identifier)}

    def _is_of(self, account: str, identifier: Identifier, at: datetime | date) -> bool:
        if isinstance(at, datetime):
            return self._arrives(account, identifier, at)
        begin, end = midnight(at, ZONE), midnight(at + timedelta(days=1), ZONE)
        changes = {begin} | {
            moment
            for spans in self.spans.get(identifier, {}).values()
            for span in spans
            for moment in span
            if begin <= moment < end
        }
        others = alone = None
        arrives = False
        for moment in sorted(changes):
            holders = self.holders(identifier, moment)
            arrives |= self._arrives(account, identifier, moment)
            if holders and account not in holders:
                others = moment
            if holders == {account}:
                alone = moment
        return arrives and (others is None or (alone is not None and alone > others))

    def _arrives(self, account: str, identifier: Identifier, moment: datetime) -> bool:
        """Whether it was theirs, and not, with an open end, another's who began since."""
        if account not in self.holders(identifier, moment):
            return False
        spans = self.spans[identifier]
        reach = self._merged(spans[account], moment)
        return reach[1] < STILL or not any(
            reach[0] < begin <= moment
            for other, theirs in spans.items()
            if other != account
            for begin, _ in [self._merged(theirs, span[0]) for span in theirs]
        )

    @staticmethod
    def _merged(spans: list[Span], moment: datetime) -> Span:
        """The whole of what one account held around a moment: spans that touch are one."""
        begin = end = moment
        grew = True
        while grew:
            grew = False
            for span in spans:
                if (
                    span[0] <= end
                    and span[1] >= begin
                    and not (begin <= span[0] and span[1] <= end)
                ):
                    begin, end, grew = min(begin, span[0]), max(end, span[1]), True
        return begin, end
