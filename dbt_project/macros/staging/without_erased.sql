{#- Persons who asked to be erased. Whatever arrives of them again is left out of staging, whenever
    it arrives and whatever the as-of date: the request is not an event of the business. Erasing deletes by
    the same two models, so that the two cannot name different persons. -#}

{#- Rows of a relation that are not of an erased person: `at` is the instant, or `day` the business day, at
    which the identifier says whose they are; `prefix` is of the identifier's columns, where a row names more than one.
    A left join, since a correlated `not exists` compares every row. -#}
{% macro without_erased(relation, at=none, day=none, prefix='') -%}
    {%- if (at is none) == (day is none) -%}
        {{ exceptions.raise_compiler_error("without_erased needs `at` (an instant) or `day` (a date), one of them") }}
    {%- endif -%}
    {%- set unit = 'at' if day is none else 'date' -%}
    select {{ relation }}.*

    from {{ relation }}

    left join {{ ref('stg_identity__erased_identifiers') }} as erased
        on
            {{ relation }}.{{ prefix }}id_key = erased.id_key
            and {{ relation }}.{{ prefix }}id_type = erased.id_type
            and {{ relation }}.{{ at or day }} >= erased.erased_from_{{ unit }}
            and {{ relation }}.{{ at or day }} < erased.erased_to_{{ unit }}

    where erased.id_key is null
{%- endmacro %}

{#- The same for rows that name their account. -#}
{% macro without_erased_accounts(relation) -%}
    select {{ relation }}.*

    from {{ relation }}

    left join {{ ref('stg_identity__erased_accounts') }} as erased
        on {{ relation }}.account_key = erased.account_key

    where erased.account_key is null
{%- endmacro %}
