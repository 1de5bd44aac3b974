"""A person's approval: a release with warnings waits for one, where policy.yml wants it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.exceptions import HITLRejectException, HITLTimeoutError
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import TaskAwaitingInput

from saydo.operators.base import final_refusals, run_of
from saydo.operators.build import AS_OF

if TYPE_CHECKING:
    from airflow.sdk import Context

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
_KEPT = "nothing is published and the last release keeps serving"


class ApproveReleaseOperator(ApprovalOperator):
    """Ask whether the audited candidate may be published with its warnings.

    Nobody is asked where there is no warning, the policy does not want it, or just this audit was
    approved before. While a person is awaited the home is free, no worker is taken, and what is
    approved is the audit that was asked about: another one is refused, here and when publishing.
    """

    template_fields: Sequence[str] = ("subject", "body", "as_of")

    def __init__(self, *, as_of: str = AS_OF, **kwargs: Any) -> None:
        super().__init__(subject="May this release be published?", fail_on_reject=True, **kwargs)
        self.as_of = as_of
        # Given beforehand where nobody can be asked: in a run without Airflow's web interface.
        self.answer: bool | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        """Go on where nobody need be asked; else keep the question in Airflow, and wait."""
        from saydo.errors import ReleaseRefused
        from saydo.home_lock import free_home
        from saydo.release import approve, open_request
        from saydo.settings import Settings

        settings = Settings()
        with final_refusals():
            request = open_request(settings)
            if request is None:
                return {"is_asked": False}
            if self.answer is False:
                raise ReleaseRefused(request.refusal)
            if self.answer:
                approve(settings, request.audit_key)
                return {"is_asked": False, "warning_count": len(request.warnings)}
            hours = settings.policy.gate.approve_within_hours
        count = len(request.warnings)
        self.subject = f"Publish the release as of {self.as_of} with {count} warning(s)?"
        self.body = _question(request.warnings, hours)
        self.response_timeout = timedelta(hours=hours)
        free_home(settings, run_of(context))
        try:
            return super().execute(context)
        except TaskAwaitingInput as waiting:
            waiting.kwargs = {"audit_key": request.audit_key}
            raise

    def execute_complete(
        self, context: Context, event: dict[str, Any], audit_key: str
    ) -> dict[str, Any]:
        """Keep the approval; a rejection, or nobody's answer in time, fails the task for good."""
        from saydo.errors import ReleaseRefused
        from saydo.release import approve
        from saydo.settings import Settings

        with final_refusals():
            try:
                super().execute_complete(context, event)
            except HITLRejectException as error:
                raise ReleaseRefused(
                    f"a person rejected the release as of {self.as_of} for its warnings: {_KEPT}"
                ) from error
            except HITLTimeoutError as error:
                raise ReleaseRefused(
                    f"nobody approved the release as of {self.as_of} in time "
                    f"(gate.approve_within_hours): {_KEPT}"
                ) from error
            approve(Settings(), audit_key)
        # Who it was is in Airflow's own record of the answer.
        return {"is_asked": True}


def _question(warnings: Sequence[str], hours: int) -> str:
    """Markdown: what Approve and Reject do, and each warning, its own marks taken for text."""
    told = ["- " + _MARKS.sub(r"\\\1", " ".join(text.split())) for text in warnings]
    return "\n".join(
        [
            f"**Approve** publishes it. **Reject**, or no answer within {hours} hours, does not: "
            "the release that is current keeps serving.",
            "",
            *told,
        ]
    )
