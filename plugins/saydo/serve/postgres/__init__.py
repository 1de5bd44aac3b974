"""Serving releases from PostgreSQL, for those who would rather ask a server than open a file.

Each release is loaded beside what is there, in a schema of its own, in one transaction: it is there
whole or not at all. Then the views of schema `marts` are pointed at it in one short transaction, so
that a reader sees one release or the next. The files stay what is published; PostgreSQL follows.
"""

from saydo.serve.postgres.admin import setup_sql
from saydo.serve.postgres.serving import outdated, serve

__all__ = ["outdated", "serve", "setup_sql"]
