"""Keeping releases in an object store as well, for readers who do not reach this machine's files.

A store has no rename. A release is therefore uploaded whole under a name that nobody reads yet, and
then one small object, `current.json`, is replaced, only if it still is what was read at the start:
of two publishers one wins. The files stay what is published; the store follows.
"""

from saydo.serve.store.serving import serve

__all__ = ["serve"]
