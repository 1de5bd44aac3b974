"""Credits and audiences: decide, hand over, bring what was handed over to further destinations."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from saydo.operators.base import SaydoOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.config.recovery import DestinationPolicy
    from saydo.settings import Settings

log = logging.getLogger(__name__)


class RecoverOperator(SaydoOperator):
    """Run one step of `saydo.actions`."""

    def __init__(
        self,
        *,
        step: Literal[
            "decide_credits",
            "hand_over",
            "record_hand_overs",
            "decide_audiences",
            "hand_over_audiences",
        ],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.step = step

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """What the step did: ids, counts and sums."""
        return getattr(import_module("saydo.actions"), self.step)(settings)


class DeliverCreditsOperator(SaydoOperator):
    """Bring hand-overs from the outbox to the destinations of the policy, each once.

    The receiver is told the hand-over's id, and rows by decision_id: what arrives twice, because
    the answer to it was lost, changes nothing there.
    """

    def destinations(self, settings: Settings) -> list[tuple[str, DestinationPolicy]]:
        """By which code something is handed over, and to where."""
        from saydo.actions.handing_over import POLICY_CODE, destinations

        return [(code, one) for code, one in destinations(settings) if code == POLICY_CODE]

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """How many hand-overs each destination got.

        Raises:
            ConfigError: Airflow's provider for a destination is not installed.
            SaydoError: a destination did not take what it was sent; the others got theirs.
        """
        from saydo.actions.handing_over import handed_rows, record_delivery, undelivered
        from saydo.errors import SaydoError

        delivered: dict[str, int] = {}
        failed = []
        for code, destination in self.destinations(settings):
            name = destination.connection_id
            send = _SENDERS[destination.kind]
            for manifest in undelivered(settings, name, code):
                try:
                    send(destination, manifest, handed_rows(settings, manifest))
                except SaydoError:
                    raise
                except Exception as error:  # of whatever library the hook speaks through
                    # Its text may hold an address with a secret in it: the kind says enough.
                    failed.append(f"{name}, {manifest['hand_over_id']}: {type(error).__name__}")
                    break
                record_delivery(settings, manifest, name)
                delivered[name] = delivered.get(name, 0) + 1
        if failed:
            raise SaydoError(
                "not delivered, and tried again by the next run: " + "; ".join(failed) + "; look "
                "at the connection of that name in Airflow and at its receiver. The hand-overs "
                "stay in restricted/outbox"
            )
        return {"delivered_counts": delivered}


class DeliverAudiencesOperator(DeliverCreditsOperator):
    """The same for audiences: to the destinations of each segment, oldest first."""

    def destinations(self, settings: Settings) -> list[tuple[str, DestinationPolicy]]:
        """As of credits: an audience's code, and a destination of its segment."""
        from saydo.actions.handing_over import POLICY_CODE, destinations

        return [(code, one) for code, one in destinations(settings) if code != POLICY_CODE]


def _post(
    destination: DestinationPolicy, manifest: dict[str, Any], rows: list[dict[str, str]]
) -> None:
    hook = _hook("airflow.providers.http.hooks.http", "HttpHook", "http")
    names = ("hand_over_id", "policy_code", "row_count", "sha256", "is_full")
    told = {name: manifest[name] for name in names}
    hook(method="POST", http_conn_id=destination.connection_id).run(
        json=told | {"rows": rows}, headers={"Idempotency-Key": manifest["hand_over_id"]}
    )


def _insert(
    destination: DestinationPolicy, manifest: dict[str, Any], rows: list[dict[str, str]]
) -> None:
    hook = _hook("airflow.providers.postgres.hooks.postgres", "PostgresHook", "postgres")
    fields = ["hand_over_id", *(rows[0] if rows else ())]
    if rows:
        hook(postgres_conn_id=destination.connection_id).insert_rows(
            table=destination.table,
            rows=[(manifest["hand_over_id"], *row.values()) for row in rows],
            target_fields=fields,
            replace=True,
            replace_index="decision_id",
        )


def _hook(module: str, name: str, provider: str) -> Any:
    from saydo.errors import ConfigError

    try:
        return getattr(import_module(module), name)
    except ImportError as error:
        raise ConfigError(
            f"a destination needs apache-airflow-providers-{provider}: install it "
            "beside Airflow, or take the destination out of policy.yml or segments.yml"
        ) from error


_SENDERS = {"webhook": _post, "postgres": _insert}
