"""notices.yml: which facts are sent to whom, by connections of Airflow."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from saydo.config.types import Name, Strict


def _each_once(connections: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted({one for one in connections if connections.count(one) > 1}):
        raise ValueError(f"named twice: {', '.join(twice)}")
    return connections


Connections = Annotated[tuple[Name, ...], AfterValidator(_each_once)]


class NoticesTo(Strict):
    """The whole of notices.yml: kind of fact to the ids of connections of type `apprise`.

    Addresses and secrets are in the connections and never here.
    """

    published: Connections = ()
    delivery_refused: Connections = ()
    release_refused: Connections = ()
    late_source: Connections = ()
    failed_run: Connections = ()

    def to(self, kind: str) -> tuple[str, ...]:
        """Connection ids of a kind of fact."""
        return getattr(self, kind)

    @property
    def connections(self) -> tuple[str, ...]:
        """All of them, each once, in the order of the file's kinds."""
        return tuple(
            dict.fromkeys(one for kind in type(self).model_fields for one in self.to(kind))
        )
