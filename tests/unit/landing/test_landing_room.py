"""Memory or a disk that runs out is no fault of the file: told, not recorded, and tried again."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from landing_accepted import accept, counting
from landing_home import NOW, Home, payment

from saydo import engine
from saydo.errors import DeliveryRefused, OutOfRoom
from saydo.landing import land_feed, prepare_raw
from saydo.operators.base import _FINAL


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def goes_on(home: Home, rows: int) -> bool:
    """Nothing was recorded, and the same command lands the file."""
    return not home.ledger() and not home.leftovers() and home.land()["loaded_count"] == rows


def test_out_of_memory_is_told_with_the_limit_and_may_be_retried(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.deliver_lines(*(payment(n) for n in range(20_000)))
    settings = home.settings.model_copy(update={"memory_limit": "2MB"})
    prepare_raw(settings)
    with monkeypatch.context() as patch, pytest.raises(OutOfRoom) as error:
        patch.setattr(engine, "_LEAST_BYTES", 2 << 20)
        land_feed(settings, "payments", now=NOW)
    assert "feed payments: file 'payments.csv': it needs more memory" in str(error.value)
    assert "Raise SAYDO_MEMORY_LIMIT" in str(error.value)
    assert error.value.exit_code == 1 and not isinstance(error.value, _FINAL)
    assert goes_on(home, 20_000)


@pytest.mark.parametrize("size", [1000, 100_000])
def test_a_full_disk_is_told_with_its_place_and_may_be_retried(home: Home, size: int) -> None:
    home.deliver_lines(*(payment(n) for n in range(20_000)))
    prepare_raw(home.settings)
    with file_size_limit(size), pytest.raises(OutOfRoom) as error:
        home.land()
    assert "payments.csv" in str(error.value) and "the disk is full (/" in str(error.value)
    assert goes_on(home, 20_000)


def test_words_of_a_row_are_no_evidence_of_a_full_disk(home: Home) -> None:
    home.feed(expect={"max_reject_ratio": 0})
    home.deliver_lines(payment(1, amount="IO Error: No space left on device"))
    with pytest.raises(DeliveryRefused):
        home.land()


def test_a_lack_while_landing_again_is_told_too_and_what_was_landed_goes_on(home: Home) -> None:
    home.deliver_lines(*(payment(n) for n in range(20_000)))
    home.land()
    accept(home)
    (old,) = counting(home)
    home.feed(columns={"amount": "cast(amount as decimal(18, 2)) * 2"})
    with file_size_limit(1000), pytest.raises(OutOfRoom) as error:
        home.land()
    assert "payments.csv" in str(error.value) and "the disk is full (/" in str(error.value)
    assert counting(home) == [old]
    assert home.land()["loaded_count"] == 20_000
