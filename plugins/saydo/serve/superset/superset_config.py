"""Superset's configuration, read in its own environment: nothing of ours is imported."""

import os
from pathlib import Path

_FOLDER = Path(os.environ["SAYDO_SUPERSET_FOLDER"])

SECRET_KEY = (_FOLDER / "secret_key").read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_FOLDER / 'superset.db'}?check_same_thread=false"
DATA_DIR = str(_FOLDER)

# A figure is asked for anew each time: after a publish or a rollback nobody sees the one before.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
RATELIMIT_STORAGE_URI = "memory://"
# Loopback has no certificate; what is reached from elsewhere stands behind a proxy that has one.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):
    """Open the file that the pointer leads to, not the pointer.

    Within a process, DuckDB shares what is open by its path: under the pointer's path, a query that
    still runs would lend the release before to those that begin after a publish.
    """
    if uri.drivername == "duckdb" and uri.database:
        uri = uri.set(database=os.path.realpath(uri.database))
    return uri, params
