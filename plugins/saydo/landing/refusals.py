"""What a refused file means for the run: it stops, or goes on without and says so."""

from __future__ import annotations

from collections.abc import Sequence

from saydo.errors import DeliveryRefused
from saydo.notices import Notice, tell
from saydo.settings import Settings

_ADVICE = "replace or remove the file, or change its feed or the policy, and run again"


def hold_or_go_on(
    settings: Settings, step: str, refusals: Sequence[str], message: str | None = None
) -> None:
    """Stop the run for its refused files, or tell what it goes on without.

    Args:
        settings: `policy.landing.on_refusal` decides.
        step: who refuses them: a feed that is landed, or the gate.
        refusals: one for each file, with the reason.
        message: all of it as one text; by default the refusals, a line each.

    Raises:
        DeliveryRefused: some file was refused, and the policy is to hold.
    """
    if refusals and settings.policy.landing.on_refusal == "hold":
        raise DeliveryRefused(message or "\n".join(refusals))
    notices = [
        Notice(
            f"the release is without a refused file: {' '.join(refusal.split())}",
            step,
            None,
            _ADVICE,
        )
        for refusal in refusals
    ]
    tell(settings, f"refused by {step}", notices)
