"""The command for upkeep: forget, retain, compact."""

from __future__ import annotations

from rich.table import Table

from saydo.cli.app import FeedsFile, Home, Wait, app, err, out, settings_of
from saydo.cli.printing import AsJson, print_json


@app.command(epilog="Example: saydo maintain --home home")
def maintain(
    home: Home = None, feeds: FeedsFile = None, wait: Wait = False, as_json: AsJson = False
) -> None:
    """Forget who asked for it, remove what retention no longer keeps, give back room."""
    from saydo.home_lock import hold_home
    from saydo.maintain import apply_retention, compact, erase

    settings = settings_of(home, feeds)
    with hold_home(settings, "saydo maintain", wait=wait):
        erased = erase(settings)
        kept = apply_retention(settings)
        compacted = compact(settings)
    table = Table("step", "what", "count", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    steps = (
        ("forget", "requests", erased["request_count"]),
        ("forget", "accounts", erased["account_count"]),
        ("forget", "rows of raw", sum(erased["raw_row_counts"].values())),
        ("forget", "rows of clear text", erased["restricted_row_count"]),
        ("forget", "rows of quarantine", erased["quarantine_row_count"]),
        ("forget", "releases changed", len(erased["customer_counts"])),
        ("retain", "releases removed", len(kept["removed"])),
        ("retain", "releases kept because open", len(kept["kept_open"])),
        ("retain", "quarantine files removed", kept["quarantine_file_count"]),
        ("retain", "raw batches removed", len(kept["raw_batch_ids"])),
        ("compact", "leftovers removed", compacted["leftover_count"]),
        ("compact", "warehouse bytes before", compacted["warehouse_bytes_before"]),
        ("compact", "warehouse bytes after", compacted["warehouse_bytes_after"]),
    )
    for step, what, count in steps:
        table.add_row(step, what, f"{count:,}")
    if as_json:
        print_json(dict(zip(("step", "what", "count"), one, strict=True)) for one in steps)
    else:
        out.print(table)
    if erased["ambiguous"]:
        err.print(
            "[bold yellow]Nobody was erased for these requests, which name an identifier that "
            "several customers share:[/] " + ", ".join(erased["ambiguous"]) + "\nAll of "
            "them are left out of the next release. Ask which account is meant and deliver the "
            "same request_id with that account_id.",
            highlight=False,
            soft_wrap=True,
        )
