{#- None of these columns is null, checked in one pass: a staging view is read once, not per column.
    `delivered` and `sampled_day` as in unique_combination. -#}
{% test never_null(model, columns, delivered=none, sampled_day=none) %}

select *

from {{ model }}

where
    {{ is_looked_at(delivered, sampled_day) }}
    and (
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}{{ column }} is null
        {%- endfor %}
    )

{% endtest %}
