{#- Every amount fits into its column: what is too large was cut off at the largest that does. -#}
{% test publishable(model, money=[], numbers=[]) %}

-- Resolve: look up the feeds whose amounts or measures are that large, and correct their unit (cents for
-- units, bytes for megabytes) in feeds.yml; nothing larger than the limit can be published.
{%- for column in money + numbers %}
{%- set limit = saydo.largest_money() if column in money else saydo.largest_number() %}

select
    '{{ column }}' as figure,
    count(distinct customer_id) as customer_count,
    {{ limit }} as largest_publishable

from {{ model }}

where abs({{ column }}) >= {{ limit }}

having count(*) > 0
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}

{% endtest %}
