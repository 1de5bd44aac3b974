"""The page that comes with a release: what was published, and what it says, in one HTML file."""

from saydo.report.what_if import BandEffect, WhatIf, what_if
from saydo.report.writing import best_bet, most_at_stake, write_report

__all__ = ["BandEffect", "WhatIf", "best_bet", "most_at_stake", "what_if", "write_report"]
