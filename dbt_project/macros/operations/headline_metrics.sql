{#- What metrics_daily needs of the definitions in models/metrics.yml, of one table at a time. They are in dbt's
    graph once the project is parsed; what they may not say is refused by name. -#}

{#- The semantic model over the table, as dbt has read it. -#}
{% macro semantic_model(table) -%}
    {%- set found = graph.semantic_models.values() | selectattr('name', 'equalto', table) | list -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error("models/metrics.yml: no semantic model is called '" ~ table ~ "'") }}
    {%- endif -%}
    {{- return(found | first) -}}
{%- endmacro %}

{#- Its headline metrics, those with a unit: [{code, unit, numerator, denominator, standard_error}], the last two
    none where there are none. -#}
{% macro headline_metrics(table) -%}
    {%- set measures = saydo.semantic_model(table).measures | map(attribute='name') | list -%}
    {%- set headlines = [] -%}
    {%- for metric in graph.metrics.values() | sort(attribute='name') if metric.config.meta.unit -%}
        {%- set type = metric.type_params -%}
        {%- set numerator = (type.measure if metric.type == 'simple' else type.numerator).name -%}
        {%- set parts = [metric, type.measure, type.numerator, type.denominator] | select -%}
        {%- set filtered = parts | selectattr('filter') | list -%}
        {%- if metric.type not in ('simple', 'ratio') or filtered -%}
            {{ exceptions.raise_compiler_error(
                "models/metrics.yml: metric '" ~ metric.name ~ "' has to be simple or a ratio, without a filter: "
                "what it leaves out stands in the expression of its measure"
            ) }}
        {%- endif -%}
        {%- if numerator in measures -%}
            {%- do headlines.append({
                'code': metric.name,
                'unit': var('reporting_currency') if metric.config.meta.unit == 'money' else metric.config.meta.unit,
                'numerator': numerator,
                'denominator': type.denominator.name if metric.type == 'ratio' else none,
                'standard_error': metric.config.meta.standard_error,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(headlines) -}}
{%- endmacro %}

{#- What tells customers apart in it: those segments of the policy that it has as columns; none where it has
    segments as rows. -#}
{% macro metric_segments(table) -%}
    {%- set dimensions = saydo.semantic_model(table).dimensions | map(attribute='name') | list -%}
    {%- set segments = var('policy').segments -%}
    {{- return(
        none if 'segment_type' in dimensions
        else (segments.revenue + segments.satisfaction) | unique | select('in', dimensions) | list
    ) -}}
{%- endmacro %}

{#- Measures of the CTE of that name by day and segment: a month's are of its last day, of the as-of day in the
    month that is not over. A segment is a set of groups of its own, so that the rows are read once. -#}
{% macro metric_sums(table) -%}
    {%- if not execute -%} select * from {{ table }} {%- else -%}
    {%- set model = saydo.semantic_model(table) -%}
    {%- set time = model.dimensions | selectattr('name', 'equalto', model.defaults.agg_time_dimension) | first -%}
    {%- set segments = saydo.metric_segments(table) %}
    select
        {%- if time.type_params.time_granularity == 'month' %}
        least({{ dbt.last_day(time.name, 'month') }}, {{ saydo.as_of_date() }}) as day_date,
        {%- else %}
        {{ time.name }} as day_date,
        {%- endif %}
        {%- if segments is none %}
        segment_type,
        segment_code,
        {%- else %}
        case
            {%- for segment in segments %}
            when grouping({{ segment }}) = 0 then '{{ segment }}'
            {%- endfor %}
            else 'all'
        end as segment_type,
        case
            {%- for segment in segments %}
            when grouping({{ segment }}) = 0 then coalesce({{ saydo.text(segment) }}, 'unknown')
            {%- endfor %}
            else 'all'
        end as segment_code,
        {%- endif %}
        {%- for measure in model.measures %}
        {{ measure.agg }}({{ measure.expr or measure.name }}) as {{ measure.name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ table }}

    group by
        {%- if segments is none %}
        {{ time.name }},
        segment_type,
        segment_code
        {%- else %} grouping sets (
            ({{ time.name }})
            {%- for segment in segments %},
            ({{ time.name }}, {{ segment }})
            {%- endfor %}
        )
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{#- One row per day, metric and segment, from the CTE `relation` of measures by day and segment. -#}
{% macro metric_rows(table, relation) -%}
    {%- if not execute -%} select * from {{ relation }} {%- else -%}
    {%- set metrics = saydo.headline_metrics(table) %}
    select
        totals.day_date,
        names.metric_code,
        totals.segment_type,
        totals.segment_code,
        case names.metric_code
            {%- for metric in metrics %}
            when '{{ metric.code }}' then {{ saydo.rounded(
                saydo.quotient('totals.' ~ metric.numerator, 'totals.' ~ metric.denominator), 6, 38
            ) if metric.denominator else saydo.exact_number('totals.' ~ metric.numerator) }}
            {%- endfor %}
        end as value,
        {%- for part in ('standard_error', 'denominator') %}
        case names.metric_code
            when '' then cast(null as decimal(38, 6))
            {%- for metric in metrics if metric[part] %}
            when '{{ metric.code }}' then {{ saydo.exact_number('totals.' ~ metric[part]) }}
            {%- endfor %}
        end as {{ part }},
        {%- endfor %}
        names.unit

    from {{ relation }} as totals

    cross join (
        {%- for metric in metrics %}
        {{ 'union all ' if not loop.first }}select '{{ metric.code }}' as metric_code, '{{ metric.unit }}' as unit
        {%- endfor %}
    ) as names
    {%- endif -%}
{%- endmacro %}
