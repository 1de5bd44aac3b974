"""What collecting one part found: files, rows, and what a person should know of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from saydo.collect.window import Window
from saydo.errors import DeliveryRefused
from saydo.notices import Notice


@dataclass
class Found:
    """Of one part: the files delivered, by their names below landing/, and their rows."""

    where: str
    files: list[str] = field(default_factory=list)
    row_count: int = 0
    notices: list[Notice] = field(default_factory=list)

    def tell(self, what: str, count: int | None = None, advice: str = "") -> None:
        """Note a thing for the end of the run."""
        self.notices.append(Notice(what, self.where, count, advice))

    def tell_of_window(self, window: Window, cursor: str, nulls: str) -> None:
        """Note nulls and times ahead of the clock.

        Raises:
            DeliveryRefused: there are nulls, and collect.yml refuses them.
        """
        if window.null_count and nulls == "refuse":
            raise DeliveryRefused(
                f"{self.where}: {window.null_count:,} rows have no {cursor}, and cursor.nulls of "
                "collect.yml is `refuse`; nothing of it was delivered: have them filled, or set "
                "nulls: deliver"
            )
        if window.null_count:
            self.tell(
                f"rows have no {cursor}, so that only a change in them shows that they are new; "
                "they were delivered once each",
                window.null_count,
                "have the source fill it, or choose another cursor",
            )
        if window.future_count:
            self.tell(
                f"rows have a {cursor} that is still to come; they are delivered, and the cursor "
                "does not follow them",
                window.future_count,
                "look at the clock of the source",
            )

    def tell_of_schema(self, before: dict[str, str] | None, now: dict[str, str]) -> None:
        """Note what has changed in the columns of a source since the last delivery."""
        if not before:
            return
        changes = {
            "are gone": sorted(before.keys() - now.keys()),
            "are new": sorted(now.keys() - before.keys()),
            "have another type": [
                f"{name} ({before[name]}, now {now[name]})"
                for name in sorted(before.keys() & now.keys())
                if before[name] != now[name]
            ],
        }
        for what, names in changes.items():
            if names:
                self.tell(
                    f"columns of the source {what}: {', '.join(names)}",
                    len(names),
                    "look whether the feed's mapping in feeds.yml is still right",
                )

    def summary(self) -> dict[str, Any]:
        """For XCom."""
        return {"part": self.where, "files": self.files, "row_count": self.row_count}
