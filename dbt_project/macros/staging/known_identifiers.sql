{#- Of the standing rows of identifiers, a CTE of the model: those of nobody erased, known by the as-of date. -#}
{% macro known_identifiers(newest) -%}
    select
        account_key,
        id_type,
        id_key,
        valid_from_at,
        stood_to_at as valid_to_at,
        follows_at,
        _batch_id,
        _feed,
        _silent_batch_id

    from (

        {{ saydo.without_erased_accounts(newest) }}

    ) as kept

    where valid_from_at is null or {{ saydo.happened_by_as_of('valid_from_at') }}
{%- endmacro %}
