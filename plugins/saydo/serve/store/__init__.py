"""Keeping releases, or a whole home, in an object store as well.

For readers who do not reach this machine's files, and for machines that are lost.

A store has no rename. A release is therefore uploaded whole under a name that nobody reads yet, and
then one small object, `current.json`, is replaced, only if it still is what was read at the start:
of two publishers one wins. The files stay what is published; the store follows. What is kept of the
home goes the same way, with `home.jsonl` in the pointer's place.
"""

from saydo.serve.store.restoring import restore
from saydo.serve.store.serving import serve

__all__ = ["restore", "serve"]
