"""What is delivered twice: files under a second name, and a corrected one that waits."""

from __future__ import annotations

import shutil
from typing import Any

from saydo.simulate.delivery import Delivery
from saydo.simulate.faults.rows import correct
from saydo.simulate.parameters import stream


def deliver_again(delivery: Delivery, seed: int) -> dict[str, Any]:
    """A ledger file (and, daily, a usage file) under a second name; daily, a corrected one, too.

    The corrected one has the name of a file already delivered. It waits in `redelivered/`, where
    no feed looks: copy it over the first to have it delivered.
    """
    repeats = [delivery.repeat("transactions", min(2, len(delivery.files["transactions"]) - 1))]
    content: dict[str, Any] = {"repeats": repeats}
    if delivery.daily:
        repeats.append(delivery.repeat(delivery.usage, 3))
        path = delivery.files["transactions"][len(delivery.files["transactions"]) // 2]
        name = path.relative_to(delivery.folder)
        corrected = delivery.folder / "redelivered" / name
        corrected.parent.mkdir(parents=True)
        shutil.copyfile(path, corrected)
        correct(corrected, "transactions", stream(seed, "redelivered"))
        content["redelivered"] = {
            "file": str(corrected.relative_to(delivery.folder)),
            "replaces": str(name),
            "rows_more": 1,
        }
    return content
