"""The reader options that a feed may give, by format. Each becomes a value, never SQL."""

from __future__ import annotations

from difflib import get_close_matches

from saydo.config import Feed
from saydo.errors import ConfigError
from saydo.landing.encodings import codec_of
from saydo.landing.workbooks import RANGE

_OPTIONS: dict[str, dict[str, tuple[type, ...]]] = {
    "csv": {
        "delim": (str,),
        "quote": (str,),
        "escape": (str,),
        "header": (bool,),
        "names": (list,),
        "skip": (int,),
        "nullstr": (str, list),
        "encoding": (str,),
        "comment": (str,),
    },
    "json": {"format": (str,), "maximum_object_size": (int,), "encoding": (str,)},
    "parquet": {"binary_as_string": (bool,)},
    "xlsx": {"sheet": (str,), "range": (str,), "header": (bool,), "names": (list,)},
}


def check_options(feed: Feed) -> None:
    """Refuse reader options that are not on the list of the feed's format.

    Raises:
        ConfigError: an unknown option, or one of the wrong type.
    """
    allowed = _OPTIONS[feed.format]
    for name, value in feed.options.items():
        if name not in allowed:
            near = get_close_matches(name, allowed, 1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"valid: {', '.join(allowed)}"
            raise ConfigError(
                f"feeds.{feed.name}.options: unknown {feed.format} option {name!r}; {hint}"
            )
        if type(value) not in allowed[name]:
            kinds = " or ".join(kind.__name__ for kind in allowed[name])
            raise ConfigError(f"feeds.{feed.name}.options.{name}: must be {kinds}")
    for name in ("delim", "quote", "escape", "comment"):
        value = feed.options.get(name, "," if name == "delim" else "")
        if len(value) > 1 or not (value or name != "delim") or value in ("\0", "\n", "\r"):
            raise ConfigError(f"feeds.{feed.name}.options.{name}: must be one character")
    if not all(
        isinstance(name, str) and "\0" not in name for name in feed.options.get("names", ())
    ):
        raise ConfigError(f"feeds.{feed.name}.options.names: must be texts")
    if feed.options.get("skip", 0) < 0 or feed.options.get("maximum_object_size", 1) < 1:
        raise ConfigError(f"feeds.{feed.name}.options: a number below its least value")
    if not RANGE.fullmatch(str(feed.options.get("range", "A:A"))):
        raise ConfigError(
            f"feeds.{feed.name}.options.range: must be like A3:F200 or A3:F, of the sheet's columns"
        )
    codec_of(feed)
