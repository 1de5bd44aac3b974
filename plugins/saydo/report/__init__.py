"""The page that comes with a release: what was published, and what it says, in one HTML file."""

from saydo.report.writing import most_at_stake, write_report

__all__ = ["most_at_stake", "write_report"]
