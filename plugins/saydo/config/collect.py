"""collect.yml: which pipelines fetch deliveries into landing/, and from where."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from saydo.config.types import Name, Strict

SCHEMES = ("s3", "gs", "az", "https", "http", "sftp", "file")
# In the name of a setting, and in a value: what belongs into a connection of Airflow.
_SECRET_KEY = re.compile(
    r"(?i)(^|[^a-z])(authori[sz]ation|password|passwd|secret|token|api[-_]?(key|token))$"
)
_SECRET_VALUE = re.compile(
    r"(?i)^(bearer |basic )|^(sk|rk|pk)_(live|test)_|^AKIA[0-9A-Z]{12,}|^eyJ[\w-]{10,}\.|^gh[pos]_"
    r"|-----BEGIN"
)
_LAG = re.compile(r"(\d+)\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _check_secrets(values: dict[str, Any]) -> dict[str, Any]:
    for key, value in values.items():
        if isinstance(value, dict):
            _check_secrets(value)
        elif isinstance(value, str) and (_SECRET_KEY.search(key) or _SECRET_VALUE.search(value)):
            raise ValueError(
                f"{key} looks like a secret, which this file may not hold: put it into the "
                "pipeline's connection (docs/collecting.md)"
            )
    return values


def _check_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(f"begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    if parts.username or parts.password:
        raise ValueError("no user or password in an address: put them into the connection")
    if re.search(r"(?i)(token|key|secret|sig|signature|password)=", parts.query):
        raise ValueError("its query looks like a secret: put that into the connection")
    return url


def _relative(path: str) -> str:
    if path == ".":  # landing/ itself
        return path
    if (
        path.startswith("/")
        or ".." in path.split("/")
        or any(p[:1] == "." for p in path.split("/"))
    ):
        raise ValueError(
            "give a folder below landing/, without .. and without hidden folders, or . for landing/"
        )
    return path


def _lag_seconds(lag: Any) -> Any:
    """`10m` in seconds; a number is in the cursor's own unit."""
    if isinstance(lag, str):
        found = _LAG.fullmatch(lag.strip())
        if found is None:
            raise ValueError("give a span such as 30s, 10m, 2h or 1d, or a number")
        return int(found[1]) * _SECONDS[found[2]]
    return lag


Address = Annotated[str, AfterValidator(_check_address)]
Free = Annotated[dict[str, Any], AfterValidator(_check_secrets), Field(default_factory=dict)]
Below = Annotated[str, Field(min_length=1), AfterValidator(_relative)]


class _Cursor(Strict):
    """What tells new rows from known ones.

    `lag`: how far behind the newest value to look once more, for rows that are committed late or
    stamped by a clock that is behind. What was delivered before is not delivered again.
    """

    lag: Annotated[float, Field(ge=0)] = 0
    nulls: Literal["deliver", "refuse"] = "deliver"

    @model_validator(mode="before")
    @classmethod
    def _spans(cls, given: Any) -> Any:
        if isinstance(given, dict) and "lag" in given:
            return given | {"lag": _lag_seconds(given["lag"])}
        return given


class TableCursor(_Cursor):
    """A column that grows whenever a row is new or changed."""

    column: str


class Table(Strict):
    """A table or view of a database: whole each time, or what is new by its cursor."""

    name: str
    db_schema: Annotated[str | None, Field(alias="schema")] = None
    columns: tuple[str, ...] = ()
    cursor: TableCursor | None = None

    @property
    def part(self) -> str:
        """What its files are named by."""
        return re.sub(r"[^A-Za-z0-9_]+", "_", self.name)


class FieldCursor(_Cursor):
    """A field that grows, and how the API is asked for what is newer.

    `param` is a parameter of the request, which gets the newest value known (less the lag): `kind`
    says what the field holds and the parameter takes, and `start` is asked for at first.
    """

    field: str
    param: str | None = None
    kind: Literal["iso", "unix", "number", "text"] = "iso"
    start: str | int | None = None


class Pages(Strict):
    """How an API gives its pages. Paths are JSON paths into the response.

    by       single; link: `next` is the path of the next page's address; header: RFC 5988's Link;
             cursor: `next` is the path of a value (`data[-1].id`) that `param` takes; offset and
             page: `param` counts records or pages, from `first` on
    more     path of what says whether a page follows
    total    path of how many records there are: fewer or more are told, and nothing is delivered
    """

    by: Literal["single", "link", "header", "cursor", "offset", "page"]
    next: str | None = None
    param: str | None = None
    more: str | None = None
    size: Annotated[int, Field(ge=1)] | None = None
    size_param: str = "limit"
    first: int = 0
    total: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Pages:
        needs = {"link": ("next",), "cursor": ("next", "param"), "offset": ("param", "size"),
                 "page": ("param",)}  # fmt: skip
        missing = [name for name in needs.get(self.by, ()) if getattr(self, name) is None]
        if missing:
            raise ValueError(f"by: {self.by} needs {', '.join(missing)}")
        return self


class Export(Strict):
    """An export that is ordered, waited for and fetched, as Qualtrics' of responses is.

    `start` is posted with `body`, and `id` of the answer goes into `progress`; when `status` there
    is `done`, `file` there goes into `fetch`. The file has one JSON object a line.
    """

    start: str
    body: Free
    id: str
    progress: str
    status: str
    done: str = "complete"
    failed: str = "failed"
    file: str
    fetch: str
    every_seconds: Annotated[float, Field(gt=0, le=600)] = 5
    longest_minutes: Annotated[float, Field(gt=0)] = 60


class Resource(Strict):
    """One kind of record of an API. `records` is the path of the list in a page."""

    name: Name
    path: str = ""
    params: Free
    headers: Free
    records: str = "$"
    pages: Pages = Pages(by="single")
    export: Export | None = None
    cursor: FieldCursor | None = None


class Api(Strict):
    """A REST API. The connection holds its token, or user and password, or client and secret."""

    url: Address
    auth: Literal["none", "bearer", "basic", "header", "oauth2"] = "bearer"
    header: str = "X-API-TOKEN"
    token_url: Address | None = None
    scope: str | None = None
    resources: Annotated[tuple[Resource, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Api:
        if self.auth == "oauth2" and self.token_url is None:
            raise ValueError("auth: oauth2 needs token_url")
        for address in (self.url, self.token_url or self.url) if self.auth != "none" else ():
            parts = urlsplit(address)
            if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
                raise ValueError(f"{address} is not https: its secret would travel in clear")
        return self


class Folder(Strict):
    """Files of an object store, an SFTP server, a mounted folder or one web address, as they are.

    `files` is a pattern below `url`. A file younger than `settled_seconds` may still be growing,
    and is left for the next run; an object store shows whole objects only.
    """

    url: Address
    files: str = "**/*"
    settled_seconds: Annotated[float, Field(ge=0)] | None = None


class Pipeline(Strict):
    """One source, and where its deliveries go: tables, an API or a folder.

    `connection` is the id of a connection of Airflow. `landing` is a folder below landing/, the
    pipeline's name if left out; `.` is landing/ itself, for a bucket that deliveries are put into.
    `on_failure` stop: the run stops when the source cannot be had; go_on_without: that is told, and
    the run goes on with what there is.
    """

    name: Name
    connection: str | None = None
    landing: Below | None = None
    on_failure: Literal["stop", "go_on_without"] = "stop"
    tables: tuple[Table, ...] = ()
    api: Api | None = None
    folder: Folder | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> Pipeline:
        given = [kind for kind in ("tables", "api", "folder") if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(
                f"give one of tables, api and folder, not {' and '.join(given) or 'none'}"
            )
        needs = self.tables or (self.api and self.api.auth != "none")
        if needs and not self.connection:
            raise ValueError("connection is missing: the id of a connection of Airflow")
        parts = self.parts
        if twice := sorted({part for part in parts if parts.count(part) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self

    @property
    def parts(self) -> list[str]:
        """What is delivered apart: tables, or resources of an API; a folder is one."""
        if self.tables:
            return [table.part for table in self.tables]
        return [each.name for each in self.api.resources] if self.api else ["files"]

    @property
    def below(self) -> str:
        """The folder below landing/."""
        return self.landing or self.name


class Collect(Strict):
    """The whole of collect.yml."""

    pipelines: tuple[Pipeline, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Collect:
        for what in ("name", "below"):
            names = [getattr(pipeline, what) for pipeline in self.pipelines]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"two pipelines have the same name or folder: {', '.join(twice)}")
        return self

    def pipeline(self, name: str) -> Pipeline:
        """The pipeline of that name. Raises KeyError if there is none."""
        return next(one for one in self.pipelines if one.name == name)
