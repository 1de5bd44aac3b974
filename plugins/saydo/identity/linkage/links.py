"""From clear text to state/proposed_links.parquet: account keys, probabilities and decisions."""

from __future__ import annotations

import importlib.util
import logging
import shutil
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saydo.durable import replace_table
from saydo.errors import ConfigError, SaydoError
from saydo.identity.linkage.comparisons import COMPARISONS
from saydo.identity.linkage.decisions import forget_decisions, read_decisions
from saydo.identity.linkage.likeness import compare_accounts, compared_file, empty_comparison
from saydo.identity.linkage.people import load_people, session
from saydo.settings import Settings

log = logging.getLogger(__name__)

PROPOSED_LINKS = pa.schema(
    [
        ("account_key", pa.string()),  # the smaller of the two
        ("other_account_key", pa.string()),
        ("match_probability", pa.float64()),
        ("match_weight", pa.float64()),
        ("is_doubtful", pa.bool_()),  # may be two persons of one household: for review only
        ("decision", pa.string()),  # accepted or rejected by a person; null: undecided
        ("model_version", pa.string()),
    ]
)


def check_linkage(settings: Settings) -> None:
    """Make sure that the linkage that policy.yml switches on can run.

    Raises:
        ConfigError: it is on, and Splink is not installed.
    """
    if settings.policy.linkage.is_on and importlib.util.find_spec("splink") is None:
        raise ConfigError(
            f"{settings.policy_file}: linkage.is_on needs Splink, which is not installed: "
            "pip install 'saydo[linkage]', or switch it off"
        )


def links_file(settings: Settings) -> Path:
    """The proposed links that dbt reads."""
    return settings.state / "proposed_links.parquet"


def levels_file(settings: Settings) -> Path:
    """What was alike in each proposed pair, for the reviewer; inside the restricted store."""
    return settings.restricted / "linkage" / "levels.parquet"


def empty_links(settings: Settings) -> None:
    """Leave no proposal: before the first run, with linkage off, after an erasure.

    With linkage off no clear e-mail or number stays either.
    """
    if not settings.policy.linkage.is_on:  # whatever became of the files they were landed from
        shutil.rmtree(settings.restricted / "account_identifiers", ignore_errors=True)
    replace_table(links_file(settings), PROPOSED_LINKS.empty_table())
    empty_comparison(settings)
    levels_file(settings).unlink(missing_ok=True)


def forget_accounts(settings: Settings, account_keys: Collection[str]) -> None:
    """Take erased accounts out of proposals, levels and decisions; a retry changes nothing."""
    forget_decisions(settings, account_keys)
    erased = pa.array(sorted(account_keys), pa.string())
    for file in (links_file(settings), levels_file(settings), compared_file(settings)):
        if not file.is_file():
            continue
        table = pq.read_table(file)
        is_theirs = pc.or_(
            pc.is_in(table["account_key"], erased), pc.is_in(table["other_account_key"], erased)
        )
        if pc.any(is_theirs).as_py():
            replace_table(file, table.filter(pc.invert(is_theirs)), file.stat().st_mode & 0o777)


def propose_links(settings: Settings) -> bool:
    """Compare the holders of all accounts; write the pairs that policy wants seen, and likenesses.

    Reads staging of the candidate warehouse and the restricted store. A model trained earlier for
    the same comparisons is used, else one is trained and kept. The same accounts, model and
    decisions give the same file, whatever the order they came in.

    Returns:
        whether the links or the likenesses differ from those of the run before.

    Raises:
        ConfigError: Splink is not installed.
        SaydoError: the comparison failed; no clear value is in the message.
    """
    if not settings.policy.linkage.is_on:
        return False
    check_linkage(settings)
    try:
        with session(settings) as connection:
            links = _compare(settings, connection)
            compared = compare_accounts(connection, settings.policy.linkage.max_block_accounts)
    except SaydoError:
        raise
    except Exception as error:  # its text may quote a name
        raise SaydoError(
            f"linkage failed with {type(error).__name__} in {_place(error)}; its text "
            "is withheld because it may quote a name. Switch linkage.is_on off to go on without it"
        ) from None
    files = {links_file(settings): links, compared_file(settings): compared}
    changed = {
        file: table
        for file, table in files.items()
        if not file.is_file() or not pq.read_table(file).equals(table)
    }
    for file, table in changed.items():
        replace_table(file, table)
    return bool(changed)


def _place(error: BaseException) -> str:
    """The last function of this package that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).parent == Path(__file__).parent]
    return f"{Path(ours[-1].filename).stem}.{ours[-1].name}" if ours else "linkage"


def _compare(settings: Settings, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    count = load_people(settings, connection)
    if count < 2:
        log.info("linkage: no names to compare; no link is proposed")
        levels_file(settings).unlink(missing_ok=True)
        return _decided(settings, connection, "none")
    from saydo.identity.linkage.model import store, stored_model
    from saydo.identity.linkage.scoring import score
    from saydo.identity.linkage.training import train

    model, origin = stored_model(settings), "stored"
    if model is None:
        model, origin = train(connection, count), "built-in"
        if model.account_count:
            store(settings, model)
            origin = "newly trained"
    score(connection, model, count, settings.policy.linkage)
    _keep_levels(settings, connection)
    table = _decided(settings, connection, model.version)
    log.info(
        "linkage: %s accounts compared by the %s model %s; %s pairs proposed",
        f"{count:,}", origin, model.version, f"{table.num_rows:,}",
    )  # fmt: skip
    return table


def _decided(settings: Settings, connection: duckdb.DuckDBPyConnection, version: str) -> pa.Table:
    """The scored pairs with what was decided; accepted pairs that no longer score stay."""
    connection.execute(
        "create temp table if not exists scored (account_key varchar, other_account_key varchar, "
        "match_probability double, match_weight double, is_doubtful boolean)"
    )
    connection.execute(
        "create temp table decided "
        "(account_key varchar, other_account_key varchar, decision varchar)"
    )
    for decided in read_decisions(settings):
        connection.execute(
            "insert into decided values (?, ?, ?)",
            [decided.account_key, decided.other_account_key, decided.decision],
        )
    return (
        connection.execute(
            """
        select
            account_key,
            other_account_key,
            scored.match_probability,
            scored.match_weight,
            coalesce(scored.is_doubtful, false) as is_doubtful,
            decided.decision,
            cast(? as varchar) as model_version
        from scored
        full join decided using (account_key, other_account_key)
        where
            account_key in (select account_key from accounts)
            and other_account_key in (select account_key from accounts)
        order by account_key, other_account_key
        """,
            [version],
        )
        .to_arrow_table()
        .cast(PROPOSED_LINKS)
    )


def _keep_levels(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    levels = ", ".join(f"gamma_{comparison.name}" for comparison in COMPARISONS)
    table: Any = connection.execute(
        f"select account_key, other_account_key, {levels} from scored order by all"
    ).to_arrow_table()
    file = levels_file(settings)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_table(file, table, mode=0o600)
