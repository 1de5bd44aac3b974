{#- Rows of `relation`, a CTE, once for everybody ('all') and once for each of `segments`, columns of it, as
    (segment_type, segment_code, `columns`). The type is the name of the column; what is null there is
    'unknown'. Which segments a table has stands in the policy. -#}
{% macro by_segment(relation, segments, columns) -%}
    select
        segment_types.segment_type,
        case segment_types.segment_type
            when 'all' then 'all'
            {%- for segment in segments %}
            when '{{ segment }}' then coalesce({{ saydo.text(relation ~ '.' ~ segment) }}, 'unknown')
            {%- endfor %}
        end as segment_code,
        {%- for column in columns %}
        {{ relation }}.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ relation }}

    cross join (
        select 'all' as segment_type
        {%- for segment in segments %}

        union all

        select '{{ segment }}' as segment_type
        {%- endfor %}
    ) as segment_types
{%- endmacro %}
