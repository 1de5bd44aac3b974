"""collect.yml is checked whole; a secret in it is refused; without pipelines nothing is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from saydo.collect import Access
from saydo.config import load_collect
from saydo.errors import ConfigError
from saydo.settings import PROJECT

KEYED = {"name": "a", "headers": {"x": "Bearer y"}}
API = {"url": "https://api.example.com", "auth": "none", "resources": [{"name": "a", "path": "a"}]}


def loaded(tmp_path, *pipelines):
    file = tmp_path / "collect.yml"
    file.write_text(yaml.safe_dump({"pipelines": list(pipelines)}))
    return load_collect(file)


@pytest.mark.parametrize(
    ("pipeline", "says"),
    [
        ({"name": "a"}, "give one of tables, api and folder, not none"),
        ({"name": "a", "tables": [{"name": "t"}]}, "connection is missing"),
        ({"name": "a", "connection": "c", "tables": [{"nam": "t"}]}, "did you mean 'name'?"),
        ({"name": "a", "folder": {"url": "ftp://x"}}, "begin with one of s3://, gs://"),
        ({"name": "a", "folder": {"url": "sftp://u:p@x/y"}}, "no user or password in an address"),
        ({"name": "a", "folder": {"url": "https://x/y.csv?sig=abc"}}, "looks like a secret"),
        ({"name": "a", "landing": "../out", "folder": {"url": "s3://x"}}, "without .."),
        ({"name": "a", "landing": "./out", "folder": {"url": "s3://x"}}, "or . for landing/"),
        ({"name": "a", "api": API | {"auth": "oauth2"}}, "auth: oauth2 needs token_url"),
        (
            {"name": "a", "connection": "c", "api": API | {"url": "http://x.com", "auth": "basic"}},
            "http://x.com is not https",
        ),
        (
            {"name": "a", "api": API | {"resources": [{"name": "a", "params": {"api_key": "x"}}]}},
            "api_key looks like a secret",
        ),
        (
            {"name": "a", "api": API | {"resources": [KEYED]}},
            "x looks like a secret",
        ),
        (
            {"name": "a", "api": API | {"resources": [{"name": "a", "pages": {"by": "cursor"}}]}},
            "by: cursor needs next, param",
        ),
        (
            {"name": "a", "connection": "c",
             "tables": [{"name": "t", "cursor": {"column": "u", "lag": "soon"}}]},
            "give a span such as 30s",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path, pipeline, says):
    with pytest.raises(ConfigError, match=r"collect\.yml is not valid") as told:
        loaded(tmp_path, pipeline)
    assert says in str(told.value) and "pipelines.0" in str(told.value)


def test_two_pipelines_share_neither_name_nor_folder(tmp_path):
    folder = {"folder": {"url": "s3://x"}}
    with pytest.raises(ConfigError, match="the same name or folder: b"):
        loaded(tmp_path, {"name": "a", "landing": "b"} | folder, {"name": "b"} | folder)


def test_the_file_that_ships_names_none_and_its_examples_and_the_pages_are_valid(tmp_path):
    shipped = PROJECT / "config" / "collect.yml"
    assert load_collect(shipped).pipelines == ()
    lines = shipped.read_text().split("# pipelines:\n")[1].splitlines()
    example = "pipelines:\n" + "\n".join(line[2:] for line in lines if line.startswith("#"))
    page = (PROJECT / "docs" / "collecting.md").read_text()
    for text in (example, page.split("```yaml\n")[1].split("```")[0]):
        (tmp_path / "collect.yml").write_text(text)
        assert len(load_collect(tmp_path / "collect.yml").pipelines) == 4


def test_a_secret_is_scrubbed_however_an_address_writes_it():
    access = Access("c", password="p@ss word", extra={"keyfile_dict": {"private_key": "k" * 9}})
    text = "postgres://me:p%40ss%20word@h p@ss+word p%40ss+word p@ss word " + "k" * 9
    assert access.scrub(text) == "postgres://…@h p@ss+word … … …"
    assert "p@ss" not in repr(access) and "kkk" not in repr(access)


def test_listing_no_pipelines_imports_neither_dlt_nor_a_client():
    code = (
        "import sys; from saydo.settings import Settings; from saydo.build import "
        "check_configuration; import saydo.collect; check_configuration(Settings()); "
        "print({'dlt', 'obstore', 'asyncssh', 'requests'} & {*sys.modules} - {'requests'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr
