"""How a release reaches its readers beside its files: PostgreSQL, queries, pages, dashboards."""
