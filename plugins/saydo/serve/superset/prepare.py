"""Bring Superset to the state that we want: its tables, the login, the bundle.

Run in its own environment as `python prepare.py BUNDLE`, with `superset_config` as its
configuration. Each step may be run again: it changes what is otherwise, and nothing else.
"""

import json
import os
import sys
from pathlib import Path
from zipfile import ZipFile

from flask import g
from flask_migrate import upgrade
from superset.app import create_app


def login(security_manager):
    """The administrator, with the password of the file that only its owner reads."""
    file = Path(os.environ["SAYDO_SUPERSET_FOLDER"]) / "login.json"
    ((name, password),) = json.loads(file.read_text(encoding="utf-8")).items()
    user = security_manager.find_user(username=name)
    if user is None:
        role = security_manager.find_role("Admin")
        security_manager.add_user(name, "Saydo", "Admin", f"{name}@localhost", role, password)
        return security_manager.find_user(username=name)
    security_manager.reset_password(user.id, password)
    return user


def main(bundle):
    """Migrate, let in, import."""
    app = create_app()
    with app.app_context():
        upgrade()
        from superset import appbuilder, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.commands.importers.v1.utils import get_contents_from_bundle

        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        g.user = login(security_manager)
        with ZipFile(bundle) as archive:
            ImportAssetsCommand(get_contents_from_bundle(archive)).run()


if __name__ == "__main__":
    main(sys.argv[1])
