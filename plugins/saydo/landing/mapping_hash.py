"""What a batch was landed with, as a hash: where it differs, the file would give other rows."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from saydo.config import Feed
from saydo.contract import SOURCES
from saydo.landing.contacts import keeps_contacts
from saydo.settings import Settings

# Raised by whoever changes what landing makes of a file under a mapping that stays as it is: every
# file is then landed again.
RULES = 1

# What is read when the warehouse is built, and what only decides which files there are to land.
_SHAPE_NO_ROW = {"name", "path", "expect", "absent"}
_TEXT = re.compile(r"\s*'((?:[^']|'')*)'\s*")  # an expression that is one text


def mapping_hash(settings: Settings, feed: Feed) -> str:
    """All of the configuration that shapes the rows of a feed's batches, in hex.

    What a feed may be given later has no part in it until it is given, so that a new option lands
    nothing again. The feed's name, its path, what it expects, the order of its columns and the
    gate's tolerances shape no row.
    """
    feeds = settings.feeds
    rules = feed.model_dump(mode="json", exclude=_SHAPE_NO_ROW, exclude_defaults=True)
    rules["timezone"] = feed.timezone or feeds.business.timezone
    types = _identifier_types(settings, feed)
    rules["identifier_types"] = types
    if any(normaliser == "msisdn" for _, normaliser in types.values()):
        # How national numbers are read.
        rules |= feeds.business.model_dump(include={"country"}, exclude_defaults=True)
    if keeps_contacts(settings, feed):
        rules["keeps_contacts"] = True  # linkage switched on or off lands them again
    rules["measures"] = {
        measure.name: measure.model_dump(
            mode="json", exclude={"name", "aggregate", "weight"}, exclude_defaults=True
        )
        for measure in feeds.all_measures
        if measure.name in feed.columns
    }
    content = json.dumps([RULES, rules], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _identifier_types(settings: Settings, feed: Feed) -> dict[str, Any]:
    """The types that the feed's rows may be of, each with what landing makes of a value."""
    types = settings.feeds.all_identifier_types
    names = {"account_id"} if "account_id" in feed.columns else set()
    for type_name, _ in SOURCES[feed.source].identifiers:
        if type_name in feed.columns:
            constant = _TEXT.fullmatch(feed.columns[type_name])
            names |= {constant[1]} if constant else set(types)
    return {
        name: (types[name].is_personal, types[name].normaliser) for name in names if name in types
    }
