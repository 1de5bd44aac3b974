"""Superset over the published marts: the bundle that describes it, and a server to see it on.

The bundle is made from what describes the marts already: their YAML (what a table and a column are)
and metrics.yml (what a headline metric is). Charts and dashboards are the only thing told here. One
module each; `superset_config` and `prepare` run in Superset's own environment, the rest in ours.
"""

from saydo.serve.superset.bundle import bundle, write_bundle
from saydo.serve.superset.serving import serve

__all__ = ["bundle", "serve", "write_bundle"]
