"""Resources of a REST API, by dlt's client: one file of JSON lines each, of whole runs only."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from saydo.collect.access import Access
from saydo.collect.api_client import open_client, paginator, telling
from saydo.collect.api_export import exported
from saydo.collect.delivering import Part
from saydo.collect.found import Found
from saydo.collect.window import Window, hash_of
from saydo.config.collect import Api, FieldCursor, Resource
from saydo.errors import ConfigError, SaydoError

_ENOUGH = 100  # records that show whether a field is gone


def collect_resource(part: Part, api: Api, resource: Resource, access: Access) -> Found:
    """Deliver a resource, or what is new of it.

    Raises:
        ConfigError: the API does not let us in, or has no such path or field.
        SaydoError: it cannot be had now, goes in circles, or gives other than it says it has.
        DeliveryRefused: records have no cursor, and collect.yml refuses such.
    """
    found = Found(part.where)
    cursor = resource.cursor
    days = timedelta(days=part.settings.policy.gate.max_future_days)
    window = Window(cursor.lag, part.memory.get("cursor"), days) if cursor else None
    name = part.new_name(".jsonl.gz")
    beside = part.beside(name)
    fields: dict[str, str] = {}
    with telling(part.where, access):
        records = _new_records(found, api, resource, access, window, fields)
        found.row_count = _write(beside, records)
    if cursor and window:
        found.tell_of_window(window, cursor.field, cursor.nulls)
    if not found.row_count:
        return found
    before = part.memory.get("schema") or {}
    seen = fields if found.row_count >= _ENOUGH else before | fields
    found.tell_of_schema(before, seen)
    memory = {"schema": before | fields} | ({"cursor": window.memory()} if window else {})
    found.files = part.commit([(beside, name)], memory)
    return found


def try_resource(where: str, api: Api, resource: Resource, access: Access) -> str:
    """Ask for the first page, and for no export; what came, in words. Errors as above."""
    with telling(where, access):
        if resource.export:
            open_client(api, access)
            return "an export: it is ordered by a run only"
        records, _ = next(_pages(where, api, resource, access, None))
        for record in records[:1]:
            _value(where, record, resource.cursor)
        return f"{len(records)} records in the first page"


def _write(file: Path, records: Iterator[Any]) -> int:
    count = 0
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 5, raw, mtime=0) as packed:
        for record in records:
            line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            packed.write(line.encode() + b"\n")
            count += 1
    return count


def _new_records(
    found: Found,
    api: Api,
    resource: Resource,
    access: Access,
    window: Window | None,
    fields: dict[str, str],
) -> Iterator[Any]:
    """What was not delivered before and comes no second time in this run."""
    seen: set[bytes] = set()
    pages: dict[bytes, int] = {}
    given = stated = 0
    for number, (records, total) in enumerate(
        _pages(found.where, api, resource, access, window), start=1
    ):
        stated = stated if total is None else total
        given += len(records)
        digest = hash_of(records)
        if records and digest in pages:
            found.tell(f"page {number} of the API repeats page {pages[digest]}", len(records))
        pages.setdefault(digest, number)
        values = [_value(found.where, record, resource.cursor) for record in records]
        if window:
            window.edge(values)
        repeated = 0
        for value, record in zip(values, records, strict=True):
            digest = hash_of(record)
            if digest in seen:
                repeated += 1
                continue
            seen.add(digest)
            if isinstance(record, dict):
                fields |= {key: _kind(v) for key, v in record.items() if v is not None}
            if window is None or window.is_new(value, record):
                yield record
        if repeated and pages[hash_of(records)] == number:
            found.tell(
                f"records on page {number} of the API came before in this run; each is "
                "delivered once",
                repeated,
                "where its paging counts records, it may skip some, too: page by cursor",
            )
    if resource.pages.total and stated != given:
        raise SaydoError(
            f"{found.where}: the API says that it has {stated:,} records and gave {given:,}: a "
            "page was skipped, or records changed meanwhile; nothing of it was delivered, and it "
            "is asked again"
        )


def _pages(
    where: str, api: Api, resource: Resource, access: Access, window: Window | None
) -> Iterator[tuple[list[Any], int | None]]:
    """The records of each page, and how many the API says that there are."""
    from dlt.common import jsonpath

    client = open_client(api, access)
    asked = _asked(resource, window)
    if resource.export:
        yield list(exported(where, client, resource.export, asked)), None
        return
    params = resource.params | asked
    paging = resource.pages
    if paging.size and paging.by != "offset":
        params[paging.size_param] = paging.size
    done: set[str] = set()
    for page in client.paginate(
        resource.path,
        params=params,
        headers=resource.headers,
        paginator=paginator(paging),
        data_selector=resource.records,
    ):
        body = page.response.json()
        totals = jsonpath.find_values(paging.total, body) if paging.total else []
        more = jsonpath.find_values(paging.more, body) if paging.more else []
        yield [*page], int(totals[0]) if totals else None
        if not page.paginator.has_next_page:
            if more and more[0] is True:
                raise SaydoError(f"{where}: the API says that more follows, and not where")
            return
        if more and more[0] is False:
            return
        following = json.dumps([page.request.url, page.request.params], default=str)
        if following in done:
            raise SaydoError(
                f"{where}: the API goes in circles: its page after {len(done)} is one that was "
                "read; nothing of it was delivered: look at pages in collect.yml, or ask whoever "
                "runs the API"
            )
        done.add(following)
        if urlsplit(page.request.url).netloc != urlsplit(api.url).netloc:
            raise ConfigError(
                f"{where}: the API's next page is on another host, and the token of connection "
                f"{access.name!r} is not sent there"
            )


def _asked(resource: Resource, window: Window | None) -> dict[str, Any]:
    """The parameter that asks for what is newer."""
    cursor = resource.cursor
    if not cursor or not cursor.param:
        return {}
    start = window.start if window and window.start is not None else cursor.start
    if start is None:
        return {}
    if isinstance(start, datetime) and cursor.kind == "unix":
        return {cursor.param: int(start.timestamp())}
    if isinstance(start, datetime):
        start = start.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {cursor.param: start}


def _value(where: str, record: Any, cursor: FieldCursor | None) -> Any:
    """A record's cursor value; None where it has none."""
    if cursor is None:
        return None
    value = record
    for name in cursor.field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None or value == "":
        return None
    try:
        if cursor.kind == "iso":
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if cursor.kind == "unix":
            return datetime.fromtimestamp(float(value), UTC)
        return str(value) if cursor.kind == "text" else _number(value)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(
            f"{where}: field {cursor.field} of a record is not of kind {cursor.kind}; correct "
            "cursor.kind in collect.yml"
        ) from None


def _number(value: Any) -> int | float:
    return value if isinstance(value, (int, float)) else int(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else type(value).__name__
