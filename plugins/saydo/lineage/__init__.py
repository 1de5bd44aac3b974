"""The way of the data, feed to reader: OpenLineage events, the mart `data_map`, what lies up and
downstream.

One graph is behind all three (`saydo.lineage.graph`): what dbt declares, what the layers reported,
what landed and what is graded. Imports are light, as Airflow loads the transport in each task.
"""

from saydo.lineage.telling import record_lineage, send_lineage

__all__ = ["record_lineage", "send_lineage"]
