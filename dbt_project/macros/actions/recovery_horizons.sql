{#- Days after a decision at whose end is measured what came of it. -#}
{% macro recovery_horizons() -%}
    {{- return([30, 60, 90]) -}}
{%- endmacro %}

{#- Local time at which so many days after a day are over. -#}
{% macro horizon_ends_at(day, days) -%}
    cast({{ saydo.days_after(day, days + 1) }} as timestamp)
{%- endmacro %}

{#- Whether anything was decided yet: what follows decisions is not read before. -#}
{% macro has_decisions() -%}
    {%- set decisions = source('state', 'credit_decisions') -%}
    {%- if not execute -%} {{- return(true) -}} {%- endif -%}
    {%- set found = run_query("select count(*) from " ~ decisions ~ " where decision in ('credit', 'holdout')") -%}
    {{- return(found.columns[0].values()[0] > 0) -}}
{%- endmacro %}
