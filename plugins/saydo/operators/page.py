"""The page inside Airflow: `saydo.serve` behind Airflow's own log-in and permissions.

Whoever may read the DAG that builds the warehouse sees the page, and whoever may edit it rolls
back, whichever auth manager says who that is.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response, status
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from saydo.errors import ConfigError, HomeBusy, SaydoError
from saydo.settings import Settings

DAG_ID = "build_customer_warehouse"
PREFIX = "/saydo"

_FROM_HERE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# The page itself loads its style and script, and asks its own server only.
_PAGE_POLICY = f"{_FROM_HERE}; style-src 'self'; script-src 'self'; connect-src 'self'"
# Pages of a release are one file each. In a sandbox their scripts are nobody: whatever a delivery
# may have smuggled into one, it cannot act for who looks at it.
_FILE_POLICY = (
    f"{_FROM_HERE}; sandbox allow-scripts; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; script-src 'unsafe-inline' 'unsafe-eval'"
)

_may_read = requires_access_dag(method="GET", param_dag_id=DAG_ID)
_may_edit = requires_access_dag(method="PUT", param_dag_id=DAG_ID)

# Its own description is for nobody: what it does is on the page.
app = FastAPI(title="Saydo", docs_url=None, redoc_url=None, openapi_url=None)


class RollBack(BaseModel):
    """What a person confirmed: to which release, and away from which."""

    model_config = ConfigDict(extra="forbid")

    release_id: str = Field(max_length=64)
    shown_current: str = Field(max_length=64)


@app.middleware("http")
async def harden(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Say to the browser what no page of this app needs."""
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@app.exception_handler(HTTPException)
def refuse(request: Request, error: HTTPException) -> Response:
    """A refusal as a page for who looks at one, as JSON for the page's script."""
    if request.method != "GET":
        return JSONResponse({"detail": error.detail}, error.status_code)
    from saydo.serve.page.releases_page import render_message

    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        login = get_auth_manager().get_url_login(next_url=request.url.path)
        page = render_message("Not logged in", "Log in to Airflow first.", login, "Log in")
    else:
        titles = {status.HTTP_403_FORBIDDEN: "Not allowed", status.HTTP_404_NOT_FOUND: "Not there"}
        page = render_message(
            titles.get(error.status_code, "Something is wrong"), str(error.detail)
        )
    return HTMLResponse(page, error.status_code)


@app.exception_handler(SaydoError)
def tell(request: Request, error: SaydoError) -> Response:
    """An error whose message is written for the user."""
    return refuse(request, HTTPException(status.HTTP_500_INTERNAL_SERVER_ERROR, str(error)))


@app.get("/", dependencies=[Depends(_may_read)])
def releases(request: Request, user: GetUserDep) -> HTMLResponse:
    """Releases, readiness, refusals."""
    from saydo.serve.page.overview import read_overview
    from saydo.serve.page.releases_page import render_releases

    return HTMLResponse(render_releases(read_overview(Settings()), _is_editor(request, user)))


@app.get("/assets/{name}")
def asset(name: str) -> FileResponse:
    """Style and script, which hold nothing of anybody."""
    from saydo.serve.page.files import MEDIA_TYPES
    from saydo.serve.page.releases_page import ASSETS

    if name not in ASSETS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "there is no such file")
    return FileResponse(ASSETS[name], media_type=MEDIA_TYPES[ASSETS[name].suffix])


@app.get("/releases/{release_id}/{path:path}", dependencies=[Depends(_may_read)])
def page_of_release(release_id: str, path: str) -> FileResponse:
    """Report, documentation and data map of a kept release, or of `current`."""
    from saydo.serve.page.files import MEDIA_TYPES, release_page

    try:
        file = release_page(Settings(), release_id, path)
    except ConfigError as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error
    headers = {"Content-Security-Policy": _FILE_POLICY}
    return FileResponse(file, media_type=MEDIA_TYPES[file.suffix], headers=headers)


def _from_this_page(
    content_type: Annotated[str, Header()] = "",
    sec_fetch_site: Annotated[str, Header()] = "same-origin",
) -> None:
    """Refuse what another site could make a browser send with the user's cookie.

    Only a script of this origin can send JSON with it, and the browser says where it came from.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "send JSON")
    if sec_fetch_site != "same-origin":
        raise HTTPException(status.HTTP_403_FORBIDDEN, "sent by another site's page")


@app.post("/roll-back", dependencies=[Depends(_from_this_page), Depends(_may_edit)])
def roll_back(asked: RollBack, user: GetUserDep, session: SessionDep) -> dict[str, str]:
    """Make a kept release current; asking and outcome go to Airflow's audit log."""
    from saydo.serve.page.rolling_back import roll_back_from

    named = asked.model_dump()
    _log(session, user, "saydo_roll_back_asked", named)
    try:
        done = roll_back_from(Settings(), asked.release_id, asked.shown_current)
    except (ConfigError, HomeBusy) as error:
        _log(session, user, "saydo_roll_back_refused", named | {"why": str(error)})
        raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from error
    _log(session, user, "saydo_rolled_back", done)
    text = (
        f"{done['release_id']}, as of {done['as_of_date']}, is current; "
        f"it was {done['previous_release_id']}."
    )
    return {"detail": " ".join([text, *(f"{told}." for told in done.get("served", ()))])}


def _is_editor(request: Request, user: Any) -> bool:
    try:
        _may_edit(request, user)
    except HTTPException:
        return False
    return True


def _log(session: SessionDep, user: Any, event: str, extra: dict[str, Any]) -> None:
    """Write to Airflow's audit log at once, whatever comes after."""
    from airflow.models.log import Log

    name = user.get_name()
    entry = Log(event, owner=name, owner_display_name=name, dag_id=DAG_ID, extra=json.dumps(extra))
    session.add(entry)
    session.commit()
