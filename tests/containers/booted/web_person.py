"""Somebody in front of Airflow's web interface."""

from __future__ import annotations

import re

import requests
from compose_project import Project


class Person:
    """Somebody in front of the web interface, logged in through its form."""

    def __init__(self, project: Project, name: str, password: str) -> None:
        self._session, self._address = requests.Session(), f"http://127.0.0.1:{project.port}"
        form = self._session.get(f"{self._address}/auth/login/", timeout=60)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
        assert token, form.text[:2000]
        filled = {"username": name, "password": password, "csrf_token": token[1]}
        self._session.post(f"{self._address}/auth/login/", data=filled, timeout=60)

    def ask(self, method: str, path: str, **options) -> requests.Response:
        """One request to the API, as the page makes it: with the session's cookie."""
        return self._session.request(
            method, f"{self._address}/api/v2/{path}", timeout=60, **options
        )
