{#- Whether a file of a source counts: what reads a source that a business does not have is left out of the SQL. -#}
{% macro is_delivered(source_name) -%}
    {%- set batches = source('state', 'batches') -%}
    {%- if not execute -%} {{- return(true) -}} {%- endif -%}
    {%- set found = run_query(
        "select count(*) from " ~ batches ~ " where source = '" ~ source_name ~ "' and status = 'accepted'"
    ) -%}
    {{- return(found.columns[0].values()[0] > 0) -}}
{%- endmacro %}

{#- The source that network usage is told by, for whoever names it: sessions where there are no daily totals. -#}
{% macro usage_source() -%}
    {%- set has_totals = saydo.is_delivered('network_usage_daily') -%}
    {{- return('network_usage_daily' if has_totals or not saydo.is_delivered('network_sessions') else 'network_sessions') -}}
{%- endmacro %}
