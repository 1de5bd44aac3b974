"""The page that comes with a release: what was published, and what it says, in one HTML file."""

from saydo.report.writing import write_report

__all__ = ["write_report"]
