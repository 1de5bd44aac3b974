"""The one file of this folder that Airflow loads as a plugin; see .airflowignore."""

from airflow.plugins_manager import AirflowPlugin


class SaydoPlugin(AirflowPlugin):
    """Makes Saydo visible to Airflow (Admin, Plugins) under its name."""

    name = "saydo"
