"""A first feeds.yml, drafted from the beginnings of delivered files."""

from saydo.draft.drafting import Draft, draft_feeds
from saydo.draft.sample import MOST_BYTES, MOST_ROWS
from saydo.draft.writing import doubts_of, to_yaml

__all__ = ["MOST_BYTES", "MOST_ROWS", "Draft", "doubts_of", "draft_feeds", "to_yaml"]
