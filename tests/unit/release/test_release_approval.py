"""Where policy.yml wants it, warnings are published only once a person approved just these."""

import json

import pytest
from fake_candidate import AS_OF, audit

from saydo.errors import ReleaseRefused
from saydo.release import approve, current_release_id, open_request, publish, read_manifest
from saydo.settings import Settings

CLEAN = {"failed": {"critical": 0, "warning": 0}, "warnings": []}


@pytest.fixture
def asking(candidate) -> Settings:
    """The home of `candidate`, with a policy that wants approvals."""
    candidate.policy_file.write_text("gate: {approve_warnings: true}\n")
    return candidate.model_copy()


def test_by_default_nobody_is_asked(candidate):
    assert open_request(candidate) is None
    assert publish(candidate, AS_OF)["is_new"]
    assert "approved_at" not in read_manifest(candidate)["gate"]


def test_warnings_wait_for_an_approval_and_the_manifest_says_when_it_came(asking):
    with pytest.raises(ReleaseRefused, match="volume <b>changed</b> by half") as told:
        publish(asking, AS_OF)
    assert "saydo run --approve" in str(told.value)
    assert current_release_id(asking) is None
    request = open_request(asking)
    assert len(request.warnings) == 1
    approve(asking, request.audit_key)
    assert open_request(asking) is None
    assert publish(asking, AS_OF)["is_new"]
    assert read_manifest(asking)["gate"]["approved_at"].endswith("+00:00")


def test_without_a_warning_nobody_is_asked(asking):
    audit(asking, **CLEAN)
    assert open_request(asking) is None
    assert publish(asking, AS_OF)["is_new"]


@pytest.mark.parametrize("is_other", ["content", "warnings"])
def test_an_approval_is_of_the_audit_it_was_asked_for_and_of_no_later_one(asking, change, is_other):
    asked = open_request(asking)
    approve(asking, asked.audit_key)
    if is_other == "content":
        change("delete from marts.customer_months where customer_id like '%7'")
    else:
        audit(asking, warnings=["customer_months: every figure doubled."])
    assert open_request(asking).audit_key != asked.audit_key
    with pytest.raises(ReleaseRefused, match="wants a person's approval first"):
        publish(asking, AS_OF)
    with pytest.raises(ReleaseRefused, match="is not what was approved"):
        approve(asking, asked.audit_key)
    assert current_release_id(asking) is None


def test_an_approval_that_cannot_be_read_is_none(asking):
    (asking.state / "gate" / "approval.json").write_text("{")
    with pytest.raises(ReleaseRefused, match="is not readable"):
        publish(asking, AS_OF)


def test_what_the_gate_refused_cannot_be_approved(asking):
    key = open_request(asking).audit_key
    audit(asking, success=False)
    for ask in (lambda: open_request(asking), lambda: approve(asking, key)):
        with pytest.raises(ReleaseRefused, match="the gate refused this candidate"):
            ask()


def test_an_approval_says_no_more_than_of_what_and_when(asking):
    approve(asking, open_request(asking).audit_key)
    kept = json.loads((asking.state / "gate" / "approval.json").read_text())
    assert set(kept) == {"audit_key", "approved_at"}
