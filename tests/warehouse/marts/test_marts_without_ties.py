"""No window of any model leaves to chance which of two rows comes first, in the small business."""

from __future__ import annotations

from window_ties import windows_tied_in


def test_no_rows_tie_in_the_order_of_a_window(dbt, daily_and_full, small_business_home):
    dbt.turn_to(small_business_home)  # other tests may have built other homes since
    assert windows_tied_in(small_business_home, small_business_home.compiled) == set()
