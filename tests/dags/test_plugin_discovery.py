"""Airflow finds the plugin, and nothing else of the package beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from airflow import plugins_manager
from airflow._shared.module_loading import find_path_from_directory

from saydo.settings import PROJECT

PLUGINS = PROJECT / "plugins"


def test_the_ignore_file_leaves_one_python_file():
    found = find_path_from_directory(str(PLUGINS), ".airflowignore", "glob")
    assert [Path(f).name for f in found if f.endswith(".py")] == ["saydo_plugin.py"]


def test_without_the_ignore_file_the_whole_package_would_be_found(tmp_path):
    """What the test above guards against is real."""
    found = find_path_from_directory(str(PLUGINS), "no_such_ignore_file", "glob")
    assert len([f for f in found if f.endswith(".py")]) > 20


def test_airflow_loads_the_plugin_and_no_module_under_a_bare_name():
    plugins_manager.ensure_plugins_loaded()
    assert "saydo" in {plugin["name"] for plugin in plugins_manager.get_plugin_info()}
    assert plugins_manager.get_import_errors() == {}
    bare = {
        name
        for name, module in sys.modules.items()
        if str(getattr(module, "__file__", None) or "").startswith(str(PLUGINS))
        and name.split(".")[0] != "saydo"
    }
    assert bare == {"saydo_plugin"}


def test_what_the_page_needs_is_not_loaded_by_who_serves_no_page():
    """Schedulers and tasks load plugins, too: measured in a fresh interpreter."""
    code = (
        "import sys; from airflow import plugins_manager;"
        "plugins_manager.ensure_plugins_loaded(); import saydo_plugin;"
        "heavy = ('saydo.operators.page', 'saydo.landing', 'fastapi', 'duckdb');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
