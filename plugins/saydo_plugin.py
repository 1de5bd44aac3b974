"""The one file of this folder that Airflow loads as a plugin; see .airflowignore."""

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin


class SaydoPlugin(AirflowPlugin):
    """Makes Saydo visible to Airflow: a page of the releases, and its entry in the navigation.

    Every process of Airflow loads plugins, and only the one that serves pages asks for them: what
    the page needs is imported then.
    """

    name = "saydo"

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The page, below /saydo/."""
        from saydo.operators.page import PREFIX, app

        return [{"app": app, "url_prefix": PREFIX, "name": "Saydo"}]

    @property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The entry in the navigation: the page in a frame of Airflow's own."""
        root = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
        return [
            {
                "name": "Saydo",
                "href": f"{root}/saydo/",
                "url_route": "saydo",
                "destination": "nav",
                "nav_top_level": True,
            }
        ]
