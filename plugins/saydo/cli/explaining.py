"""How an explanation of who is who is told: saydo identity explain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from saydo.cli.app import out

if TYPE_CHECKING:
    from saydo.identity import Change, Explanation, Link, Ownership, Unlinked
    from saydo.settings import Settings

_MOST_LINES = 20


def show_source(settings: Settings) -> None:
    """Say of which day and release what follows is."""
    from saydo.build.inputs import recorded
    from saydo.build.layers import layer_report
    from saydo.release import current_release_id

    begun = recorded(settings, "attempted")
    day = f" as of {begun.as_of_date}" if begun else ""
    release = current_release_id(settings)
    news = f"the current release is {release}" if release else "nothing is published yet"
    say(f"[dim]From the candidate warehouse{day}; {news}.[/]")
    report = layer_report(settings, "identity")
    if report and not report["is_done"]:
        say(
            "[yellow]The last build stopped in identity: what follows is of that build and, after "
            "the failed test, of the one before.[/]"
        )


def show_owners(id_type: str, owners: Iterable[Ownership]) -> None:
    """Print who held an identifier, and when."""
    say(f"\n[bold]Who held this {escape(id_type)}[/]")
    table = Table("from", "to", "customer", "", box=None, pad_edge=False)
    for owner in owners:
        table.add_row(
            _day(owner.from_at, "ever"), _day(owner.to_at, "now"), owner.customer_id, owner.note
        )
    out.print(table)


def show(explanation: Explanation) -> None:
    """Print why the accounts of a customer are one person."""
    for earlier, later in pairwise([*explanation.followed, explanation.customer_id]):
        say(f"\n{escape(earlier)} has become {later}.")
    count = len(explanation.accounts)
    say(
        f"\n[bold]Customer {explanation.customer_id}[/]: {count} account{'s' * (count > 1)}, "
        f"{explanation.identifier_count} identifier{'s' * (explanation.identifier_count != 1)}"
        + (", [bold red]disputed[/]" if explanation.is_disputed else "")
    )
    _show_accounts(explanation)
    say("\n[bold]Why they are one person[/]" if count > 1 else "\n[bold]Why it stands alone[/]")
    _show_links(explanation)
    _show_holdings(explanation)
    if explanation.unlinked:
        say("\n[bold]In common with others, and linking nobody[/]")
        for line in explanation.unlinked[:_MOST_LINES]:
            say(f"  {_unlinked(line)}")
        _say_more(len(explanation.unlinked) - _MOST_LINES)
    say("\n[bold]History of the id[/]")
    for change in explanation.changes[-_MOST_LINES:]:
        say(f"  {_change(change)}")
    _say_more(len(explanation.changes) - _MOST_LINES, "earlier")


def _show_accounts(explanation: Explanation) -> None:
    table = Table(
        "", "account", "opened", "closed", "known of its holder", box=None, pad_edge=False
    )
    for account in explanation.accounts:
        table.add_row(
            f"  #{account.number}",
            escape(account.key),
            _day(account.opened_at or account.first_event_at, "?"),
            _day(account.closed_at, ""),
            ", ".join(account.known) or "nothing",
        )
    out.print(table)


def _show_links(explanation: Explanation) -> None:
    if explanation.is_merge_refused:
        say(
            f"  It is connected to {explanation.linked_account_count - 1} other accounts, more "
            "than one person may have: all are left apart until what glues them is corrected."
        )
    elif not explanation.links:
        say("  No identifier links its account to another.")
    for link in explanation.links:
        say(f"  #{link.number} with #{link.with_number}: {_link(link)}")
    _say_more(explanation.more_link_count, "more of the same between them")


def _link(link: Link) -> str:
    if link.match_probability is not None:
        return _likeness(link)
    since = f"from {link.from_at:%Y-%m-%d}" if link.from_at else "always"
    if link.id_type == "account_id":
        why = "the account's own id"
    elif not link.needs_corroboration:
        why = f"one person's at a time{_known(link)}"
    else:
        known = _known(link) or "; nothing is known of either, and the policy links then"
        why = f"it may be shared{known}"
    return f"both held {link.id_type} {escape(link.key)} {since} ({why})"


def _known(line: Link | Unlinked) -> str:
    """What is known of both holders, and how alike it is."""
    texts = (
        _listed(line.agreeing, "agree"),
        f"{', '.join(line.alike)} much alike" if line.alike else "",
        _listed(line.differing, "differ"),
    )
    return "".join(f"; {text}" for text in texts if text)


def _likeness(link: Link) -> str:
    known = _known(link)
    if link.id_type == "reviewed":
        return f"a person decided that they are one (saydo identity review{known})"
    return f"alike in name, birth date or address, probability {link.match_probability:.3f}{known}"


def _show_holdings(explanation: Explanation) -> None:
    if not explanation.holdings:
        return
    say("\n[bold]Identifiers[/]")
    table = Table("  id_type", "key", "from", "to", "", box=None, pad_edge=False)
    for holding in explanation.holdings[:_MOST_LINES]:
        table.add_row(
            f"  {holding.id_type}",
            escape(holding.key),
            _day(holding.from_at, "ever"),
            _day(holding.to_at, "now"),
            holding.note,
        )
    out.print(table)
    _say_more(len(explanation.holdings) - _MOST_LINES)


def _unlinked(line: Unlinked) -> str:
    if line.match_probability is not None:
        return _unlikely(line)
    if line.verdict == "linked":
        why = "it would link them, but their group is too large for one person"
    elif line.verdict == "contradicted":
        why = _listed(line.differing, "differ")
        why += f", though {_listed(line.agreeing, 'agree')}" if line.agreeing else ""
    else:
        why = "nothing that is known of both says that they are one"
    return f"{_between(line)}: {line.id_type} {escape(line.key)}, {why}"


def _unlikely(line: Unlinked) -> str:
    why = {
        "linked": "their group is too large for one person",
        "rejected": "a person decided that they are two",
        "contradicted": "identifiers, or a decision, keep their groups apart",
        "doubtful": "one plain difference; for saydo identity review",
        "unsure": "for saydo identity review",
    }[line.verdict]
    known = _known(line)
    return f"{_between(line)}: alike with probability {line.match_probability:.3f}, {why}{known}"


def _between(line: Unlinked) -> str:
    mine = ", ".join(f"#{number}" for number in line.numbers)
    others = " and ".join(escape(key) for key in line.other_keys[:2])
    if len(line.other_keys) > 2:
        others = f"{len(line.other_keys)} accounts"
    return f"{mine} with {others} of {line.other_customer_id}"


def _change(change: Change) -> str:
    from saydo.identity import in_words

    place = change.release_id or "not published"
    day = change.changed_at - timedelta(microseconds=1)  # the last that the release knew
    told = {
        "created": f"{change.to_customer_id} created",
        "merged": f"{change.from_customer_id} merged into {change.to_customer_id}",
        "split": f"{change.to_customer_id} split from {change.from_customer_id}",
        "reassigned": f"accounts went from {change.from_customer_id} to {change.to_customer_id}",
    }
    why = escape(in_words(change.reason))
    return f"{day:%Y-%m-%d} {told[change.change_type]}: {why} [dim]({place})[/]"


def _listed(names: tuple[str, ...], verb: str) -> str:
    if not names:
        return ""
    *first, last = names
    return f"{', '.join(first)} and {last} {verb}" if first else f"{last} {verb}s"


def _day(at: datetime | None, otherwise: str) -> str:
    return f"{at:%Y-%m-%d}" if at else otherwise


def say(text: str) -> None:
    """Print one line, however long it is."""
    out.print(text, highlight=False, soft_wrap=True)


def _say_more(count: int, which: str = "more") -> None:
    if count > 0:
        say(f"  and {count} {which}")
