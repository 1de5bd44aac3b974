{#- None of these columns is null, checked in one pass: a staging view is read once, not per column. -#}
{% test never_null(model, columns) %}

select *

from {{ model }}

where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} is null
    {%- endfor %}

{% endtest %}
