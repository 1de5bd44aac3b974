{#- Standing rows of the identifiers in `concerned`, a relation, whatever the as-of date. Of raw, only rows of
    those are ranked and joined, however many identifiers there are. -#}
{% macro concerned_identifiers(concerned) -%}
    select
        account_key,
        id_type,
        id_key,
        valid_from_at,
        stood_to_at as valid_to_at,
        follows_at

    from (

        {{ saydo.standing_rows(
            'account_identifiers',
            known=saydo.is_among('delivered.id_key', concerned)
            ~ ' and (delivered.id_type, delivered.id_key) in (select id_type, id_key from ' ~ concerned ~ ')',
            as_of=false
        ) }}

    ) as standing
{%- endmacro %}
