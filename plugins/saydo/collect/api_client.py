"""A client of a REST API: dlt's, with patience, a token that is renewed, and quiet errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.exceptions import HTTPError, RequestException

from saydo.collect.access import Access
from saydo.config.collect import Api, Pages
from saydo.errors import ConfigError, SaydoError

# Waits of 1, 2, 4 … seconds, or as long as the API asks: about four minutes in all.
TRIES, FACTOR, LONGEST_SECONDS = 10, 1.0, 60


class Renewed(AuthBase):
    """OAuth's client credentials, whose token is renewed when the API does not take it any more.

    dlt renews by the time that the token was given; a server may take it back before, or its clock
    may be another.
    """

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.register_hook("response", self._once_more)
        return self._credentials(request)

    def _once_more(self, response: Response, **options: Any) -> Response:
        if response.status_code != 401:
            return response
        response.close()
        self._credentials.obtain_token()
        again = response.request.copy()
        again.headers["Authorization"] = f"Bearer {self._credentials.access_token}"
        answer = response.connection.send(again, **options)  # type: ignore[attr-defined]
        answer.history.append(response)
        answer.request = again
        return answer


def open_client(api: Api, access: Access) -> Any:
    """dlt's RESTClient for an API."""
    from dlt.sources.helpers.requests.retry import Client
    from dlt.sources.helpers.rest_client import RESTClient

    session = Client(
        raise_for_status=False,
        request_max_attempts=TRIES,
        request_backoff_factor=FACTOR,
        request_max_retry_delay=LONGEST_SECONDS,
    ).session
    return RESTClient(api.url, auth=_auth(api, access, session), session=session)


def _auth(api: Api, access: Access, session: Any) -> Any:
    from dlt.sources.helpers.rest_client import auth

    if api.auth == "bearer":
        return auth.BearerTokenAuth(token=access.password)
    if api.auth == "basic":
        return auth.HttpBasicAuth(access.login, access.password)
    if api.auth == "header":
        return auth.APIKeyAuth(name=api.header, api_key=access.password, location="header")
    if api.auth == "oauth2":
        credentials = auth.OAuth2ClientCredentials(
            access_token_url=api.token_url,
            client_id=access.login,
            client_secret=access.password,
            access_token_request_data={"scope": api.scope} if api.scope else {},
            session=session,
        )
        return Renewed(credentials)
    return None


def paginator(pages: Pages) -> Any:
    """dlt's paginator for what collect.yml says of pages."""
    from dlt.sources.helpers.rest_client import paginators

    if pages.by == "link":
        return paginators.JSONLinkPaginator(next_url_path=str(pages.next))
    if pages.by == "header":
        return paginators.HeaderLinkPaginator()
    if pages.by == "cursor":
        return paginators.JSONResponseCursorPaginator(
            cursor_path=str(pages.next), cursor_param=pages.param, has_more_path=pages.more
        )
    if pages.by == "offset":
        return paginators.OffsetPaginator(
            limit=pages.size or 1,
            offset=pages.first,
            offset_param=pages.param,
            limit_param=pages.size_param,
            total_path=None,  # a total that is wrong would end it early, and unsaid
            has_more_path=pages.more,
        )
    if pages.by == "page":
        return paginators.PageNumberPaginator(
            base_page=pages.first,
            page_param=pages.param,
            total_path=None,
            has_more_path=pages.more,
        )
    return paginators.SinglePagePaginator()


@contextmanager
def telling(where: str, access: Access) -> Iterator[None]:
    """Tell an API's errors by status and path alone: what it answers may hold a record.

    Raises:
        ConfigError: it does not let us in, or has no such path.
        SaydoError: it does not answer, or not in its own form.
    """
    kept = "nothing of it was delivered, and the next run begins where the last delivery ended"
    try:
        yield
    except SaydoError:
        raise
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        path = access.scrub(str(error.response.url if error.response is not None else ""))
        said = f"{where}: the API answers {status} to {path.split('?')[0]}"
        if status in (401, 403):
            raise ConfigError(
                f"{said}: connection {access.name!r} holds no valid token, or one without the "
                f"right to read this; {kept}"
            ) from None
        if 400 <= status < 500 and status != 429:
            raise ConfigError(f"{said}: correct path and params in collect.yml; {kept}") from None
        raise SaydoError(f"{said} for minutes; {kept}") from None
    except RequestException as error:
        raise SaydoError(
            f"{where}: the API cannot be reached or stops in the middle "
            f"({type(error).__name__}); {kept}"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise SaydoError(
            f"{where}: the API does not answer in the form that collect.yml says "
            f"({type(error).__name__}): look at records, pages and cursor there; {kept}"
        ) from None
