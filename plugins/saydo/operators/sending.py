"""Sending messages through Airflow's connections of type `apprise`; it never fails a run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from saydo.errors import ConfigError
from saydo.messages import (
    TRIAL,
    Message,
    Pending,
    add,
    is_resting,
    pending,
    record_failure,
    record_sent,
    sending,
)
from saydo.notices import Notice, tell, told_by

if TYPE_CHECKING:
    from saydo.settings import Settings

log = logging.getLogger(__name__)

_STEP = "messages"
LONGEST_SECONDS = 10.0  # for all messages of one connection; each address has 4 s to answer
_ADVICE = "look at the connection of that name in Airflow and its receiver (saydo notices test)"


def check_connections(settings: Settings) -> None:
    """Find out before a run whether Airflow has the connections of notices.yml; nothing is sent.

    Raises:
        ConfigError: there is none of that name, or it is of no address that Apprise knows.
    """
    for connection in settings.notices_to.connections:
        _target(settings, connection)


def send(
    settings: Settings, find: Callable[[Settings], Iterable[Message]], link: str | None = None
) -> None:
    """Keep what there is to tell, and send what is kept and has not arrived.

    A connection that takes no message, or does not answer in time, is told of once in a run and
    left alone for a while; what is for it waits.

    Args:
        settings: notices.yml says who gets what.
        find: gives the facts; of several tasks that end at once, one looks for them at a time.
        link: the page of the run in Airflow.
    """
    failed: list[str] = []
    with sending(settings) as is_ours:
        for message in find(settings):
            add(settings, message, link)
        for connection, mine in (pending(settings) if is_ours else {}).items():
            done = 0 if is_resting(settings, connection) else _send(settings, connection, mine)
            if done < len(mine):
                failed.append(connection)
    _tell_of(settings, failed)


def _send(settings: Settings, connection: str, messages: Sequence[Pending]) -> int:
    done = _deliver(settings, connection, messages)
    for message in messages[:done]:
        record_sent(settings, message.message_id, connection)
    if done < len(messages):
        record_failure(settings, connection)
    return done


def _tell_of(settings: Settings, failed: Sequence[str]) -> None:
    said = told_by(settings, _STEP)
    what = "did not take a message, which is sent again by a later run"
    new = [Notice(what, f"connection {connection}", None, _ADVICE) for connection in failed]
    if new := [notice for notice in new if notice not in said]:
        tell(settings, _STEP, [*said, *new])


def send_trial(settings: Settings) -> dict[str, bool]:
    """Send one trial message to each connection of notices.yml; whether each took it.

    Raises:
        ConfigError: as `check_connections`.
    """
    check_connections(settings)
    trial = [Pending(TRIAL.message_id, TRIAL.title, TRIAL.body(), "info")]
    return {
        connection: _deliver(settings, connection, trial) == 1
        for connection in settings.notices_to.connections
    }


def _deliver(settings: Settings, connection: str, messages: Sequence[Pending]) -> int:
    """How many of the messages, in their order, a connection took in time."""
    try:
        target = _target(settings, connection)
    except Exception as error:  # of Airflow, which has to be asked for the connection, too
        log.info("connection %s cannot be used: %s", connection, type(error).__name__)
        return 0
    from apprise import NotifyType

    done: list[str] = []

    def work() -> None:
        for message in messages:
            level = NotifyType(message.level)
            if not target.notify(body=message.body, title=message.title, notify_type=level):
                return
            done.append(message.message_id)

    # Nothing bounds how long a receiver may take that answers a byte at a time.
    thread = threading.Thread(target=_quietly, args=(work,), daemon=True)
    thread.start()
    thread.join(LONGEST_SECONDS)
    return len(done)


def _quietly(work: Any) -> None:
    # What it logs may hold an address with its secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    try:
        work()
    except Exception as error:  # of whichever of Apprise's plugins
        log.info("a message was not taken: %s", type(error).__name__)


def _target(settings: Settings, connection: str) -> Any:
    """The services of a connection, as Airflow's hook reads it.

    Its own `notify` keeps to itself whether a message was taken, so Apprise is asked.
    """
    from airflow.sdk.exceptions import AirflowNotFoundException

    where = f"{settings.notices_file}: connection {connection!r}"
    try:
        import apprise
        from airflow.providers.apprise.hooks.apprise import AppriseHook
    except ImportError as error:
        raise ConfigError(
            "notices.yml names connections, which need apache-airflow-providers-apprise: install "
            "it beside Airflow, or take them out"
        ) from error
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    hook = AppriseHook(apprise_conn_id=connection)
    target = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False))
    try:
        found = hook.get_connection(connection)
    except AirflowNotFoundException:
        raise ConfigError(
            f"{where} is not known to Airflow: make it under Admin, Connections, of type apprise, "
            f"or give it as AIRFLOW_CONN_{connection.upper()} (docs/notices.md)"
        ) from None
    if found.conn_type != hook.conn_type:
        raise ConfigError(f"{where} is of type {found.conn_type!r}; it has to be of type apprise")
    with suppress(KeyError, ValueError, TypeError):  # their text would show the configuration
        hook.set_config_from_conn(conn=found, apprise_obj=target)
    if not len(target):
        raise ConfigError(
            f"{where} holds no address that Apprise knows: its config is "
            '{"path": "<address>", "tag": "all"}, or a list of such (docs/notices.md)'
        )
    return target
