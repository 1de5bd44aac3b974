"""Who is who, beyond what the models of `dbt_project/models/intermediate/identity/` decide."""
