"""The page of documentation: dbt's own, without what it would say of this machine."""

from __future__ import annotations

import json

import pytest

from saydo.build import docs
from saydo.errors import SaydoError
from saydo.notices import told

PAGE = (
    "<html><head><title>t</title></head><script>"
    'n={manifest:"MANIFEST.JSON INLINE DATA",catalog:"CATALOG.JSON INLINE DATA"}</script></html>'
)
HOSTILE = "</script><script>alert(1)</script>"
PLACE = "/somewhere/of/mine"
MANIFEST = {
    "metadata": {"project_name": "p", "env": {"SECRET": "s3cret"}, "user_id": "u-1"},
    "nodes": {
        "model.p.m": {
            "name": "m",
            "description": HOSTILE,
            "root_path": PLACE,
            "compiled_path": PLACE,
            "config": {"materialized": "table", "location_root": PLACE, "meta": {"owner": "us"}},
            "columns": {"location": {"name": "location", "description": "Where it is."}},
        }
    },
    "sources": {
        "source.p.s": {
            "name": "s",
            "relation_name": f"'{PLACE}'",
            "meta": {"external_location": PLACE},
            "config": {"meta": {"location": PLACE}},
        }
    },
    "disabled": {"model.p.d": [{"root_path": PLACE}]},
    "parent_map": {"model.p.m": ["source.p.s"]},
}
CATALOG = {"metadata": {"invocation_id": "i-1"}, "nodes": {}, "sources": {}}


def inlined(page: str, name: str) -> dict:
    return json.JSONDecoder().raw_decode(page, page.index(f"{name}:") + len(name) + 1)[0]


def test_the_page_names_no_place_no_person_and_no_environment():
    page = docs.render(PAGE, MANIFEST, CATALOG)
    for word in (PLACE, "s3cret", "u-1", "i-1"):
        assert word not in page
    manifest = inlined(page, "manifest")
    model = manifest["nodes"]["model.p.m"]
    assert model["config"] == {"materialized": "table", "meta": {"owner": "us"}}
    assert model["columns"]["location"]["description"] == "Where it is."
    assert manifest["parent_map"] == MANIFEST["parent_map"]
    assert inlined(page, "catalog") == {"metadata": {}, "nodes": {}, "sources": {}}


def test_no_description_ends_the_script_that_it_stands_in():
    page = docs.render(PAGE, MANIFEST, CATALOG)
    assert page.count("</script>") == 1
    assert inlined(page, "manifest")["nodes"]["model.p.m"]["description"] == HOSTILE


def test_the_page_may_load_nothing():
    head = docs.render(PAGE, MANIFEST, CATALOG).split("<title>")[0]
    assert "default-src 'none'" in head and "http:" not in head and "https:" not in head


def test_a_page_of_dbt_without_a_place_for_the_project_is_an_error():
    with pytest.raises(SaydoError, match="has no place for the manifest"):
        docs.render("<html></html>", MANIFEST, CATALOG)


def test_a_page_that_cannot_be_made_is_told_and_the_last_ones_is_not_taken_for_it(
    home, monkeypatch
):
    settings = home.settings()
    docs.docs_page(settings).parent.mkdir(parents=True)
    docs.docs_page(settings).write_text("of the build before")

    def fail(*_):
        raise SaydoError("dbt could not run `docs generate`: for a reason")

    monkeypatch.setattr(docs, "document", fail)
    docs.write_docs(settings, {})
    assert not docs.docs_page(settings).exists()
    (notice,) = told(settings)
    assert "for a reason" in notice.text
