"""Exports of an API: ordered, waited for, fetched."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from saydo.config.collect import Export
from saydo.errors import SaydoError


def exported(where: str, client: Any, export: Export, asked: dict[str, Any]) -> Iterator[Any]:
    """The records of an export.

    Args:
        where: names the part for people.
        client: dlt's RESTClient.
        export: the three steps.
        asked: goes into what is ordered: from when on.

    Raises:
        SaydoError: the API gives it up, or takes too long.
        HTTPError: a step is refused.
    """
    identity = {"id": _of(client.post(export.start, json=export.body | asked), export.id)}
    latest = time.monotonic() + export.longest_minutes * 60
    while True:
        answer = client.get(export.progress.format(**identity))
        status = _of(answer, export.status)
        if status == export.done:
            break
        if status == export.failed:
            raise SaydoError(f"{where}: the API's export failed; nothing of it was delivered")
        if time.monotonic() > latest:
            raise SaydoError(
                f"{where}: the API's export took more than {export.longest_minutes:g} minutes; "
                "nothing of it was delivered"
            )
        time.sleep(export.every_seconds)
    identity["file"] = _of(answer, export.file)
    with client.get(export.fetch.format(**identity), stream=True) as file:
        file.raise_for_status()
        for line in file.iter_lines():
            if line.strip():
                yield json.loads(line)


def _of(response: Any, path: str) -> Any:
    from dlt.common import jsonpath

    response.raise_for_status()
    return jsonpath.find_values(path, response.json())[0]
