{#- Of a duration that a session from `began` to `ended` has, the part of its time from `from_at` to `to_at`: what had run
    up by the end of the part, less what had by its begin. Each is cut off at the sixth decimal, so that the parts add
    up to the whole. -#}
{% macro part_of_duration(value, began, ended, from_at, to_at) -%}
    cast(
        {{ saydo.run_up_by(to_at, value, began, ended) }} - {{ saydo.run_up_by(from_at, value, began, ended) }}
        as decimal(18, 6)
    )
{%- endmacro %}

{% macro run_up_by(at, value, began, ended) -%}
    cast(
        {{ saydo.whole_quotient(
            saydo.product(saydo.exact_number(value) ~ ' * 1000000', 0, dbt.datediff(began, at, 'microsecond'), 0),
            dbt.datediff(began, ended, 'microsecond')
        ) }}
        as decimal(18, 0)
    ) * cast(0.000001 as decimal(6, 6))
{%- endmacro %}
