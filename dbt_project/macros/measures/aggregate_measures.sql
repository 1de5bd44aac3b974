{#- The declared measures of network usage, rolled up as the user declared them.
    Sums and maxima add up at any grain. A weighted mean does not, so it travels as two sums,
    `<name>__weighted` and `<name>__weight`, until `resolve_measure` divides them at the end. Its products
    keep all their decimals, which leaves room for a hundred rows of the largest value at the largest
    weight in one sum, and for any number of rows that anybody has measured. -#}

{#- Names of the columns a measure travels in. -#}
{% macro measure_parts(measure) -%}
    {%- if measure.aggregate == 'mean' -%}
        {{- return([measure.name ~ '__weighted', measure.name ~ '__weight']) -}}
    {%- endif -%}
    {{- return([measure.name]) -}}
{%- endmacro %}

{#- Select list (no trailing comma) that aggregates measures as delivered, `relation` qualified. -#}
{% macro aggregate_measures(relation) -%}
    {%- for measure in var('measures') %}
    {%- set value = relation ~ '.' ~ measure.name %}
    {%- if measure.aggregate == 'mean' %}
    {%- set weight = relation ~ '.' ~ measure.weight %}
    cast(sum({{ saydo.product(value, 6, weight, 6) }}) as decimal(38, 12)) as {{ measure.name }}__weighted,
    {{ saydo.exact_number('sum(case when ' ~ value ~ ' is not null then ' ~ weight ~ ' end)') }} as {{ measure.name }}__weight
    {%- elif measure.aggregate == 'max' %}
    max({{ value }}) as {{ measure.name }}
    {%- else %}
    {{ saydo.exact_number('sum(' ~ value ~ ')') }} as {{ measure.name }}
    {%- endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Select list of the parts of measures as delivered, row by row. -#}
{% macro measures_as_parts(relation) -%}
    {%- for measure in var('measures') %}
    {%- set value = relation ~ '.' ~ measure.name %}
    {%- if measure.aggregate == 'mean' %}
    {%- set weight = relation ~ '.' ~ measure.weight %}
    cast({{ saydo.product(value, 6, weight, 6) }} as decimal(38, 12)) as {{ measure.name }}__weighted,
    case when {{ value }} is not null then {{ weight }} end as {{ measure.name }}__weight
    {%- else %}
    {{ value }}
    {%- endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Select list of measures as delivered: all that happened on the first day of a session, durations day by day. -#}
{% macro measures_of_day() -%}
    {%- for measure in var('measures') %}
    {%- if measure.is_duration %}
    {{ saydo.part_of_duration(measure.name, 'started_at', 'ended_at', 'from_at', 'to_at') }} as {{ measure.name }}
    {%- else %}
    case when usage_date = first_date then {{ measure.name }} end as {{ measure.name }}
    {%- endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Select list of measures, `relation` qualified. -#}
{% macro measures_listed(relation) -%}
    {{- saydo.of_relation(relation, var('measures') | map(attribute='name')) -}}
{%- endmacro %}

{#- Select list of the parts of measures, those null that a row of `totals` as delivered tells. -#}
{% macro parts_untold(relation, totals=none) -%}
    {%- for measure in var('measures') %}
    {%- set is_last = loop.last %}
    {%- for part in saydo.measure_parts(measure) %}
    {%- set value = relation ~ '.' ~ part %}
    {%- if totals %}
    case when {{ saydo.lacks_measure(measure, totals) }} then {{ value }} end as {{ part }}
    {%- else %}
    {{ value }}
    {%- endif %}
    {%- if not (is_last and loop.last) %},{% endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- Predicate: a row as delivered, or none, says nothing of a measure. -#}
{% macro lacks_measure(measure, relation) -%}
    {{ relation }}.{{ measure.name }} is null
    {%- if measure.aggregate == 'mean' %} or {{ relation }}.{{ measure.weight }} is null{% endif -%}
{%- endmacro %}

{#- Select list that aggregates measures already aggregated once, `relation` qualified. -#}
{% macro reaggregate_measures(relation) -%}
    {%- for measure in var('measures') %}
    {%- if measure.aggregate == 'mean' %}
    cast(sum({{ relation }}.{{ measure.name }}__weighted) as decimal(38, 12)) as {{ measure.name }}__weighted,
    {{ saydo.exact_number('sum(' ~ relation ~ '.' ~ measure.name ~ '__weight)') }} as {{ measure.name }}__weight
    {%- elif measure.aggregate == 'max' %}
    max({{ relation }}.{{ measure.name }}) as {{ measure.name }}
    {%- else %}
    {{ saydo.exact_number('sum(' ~ relation ~ '.' ~ measure.name ~ ')') }} as {{ measure.name }}
    {%- endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Value of one aggregated measure: itself, or the weighted mean of its two sums. -#}
{% macro resolve_measure(measure, relation) -%}
    {%- if measure.aggregate == 'mean' -%}
    {{ saydo.rounded(
        saydo.quotient(
            saydo.nearest_double(relation ~ '.' ~ measure.name ~ '__weighted'), relation ~ '.' ~ measure.name ~ '__weight'
        ),
        6,
        38
    ) }}
    {%- else -%}
    {{ relation }}.{{ measure.name }}
    {%- endif -%}
{%- endmacro %}
