{#- The months that take part in a sample of the chain, and how much each counts. -#}

{#- Whole months of `relation` in which all variables of the sample are known. -#}
{% macro known_rows(sample, relation) -%}
    select *

    from {{ relation }}

    where
        not is_partial
        {%- for variable in sample.variables %}
        and {{ saydo.chain_variable(variable) }} is not null
        {%- endfor %}
{%- endmacro %}

{#- Known rows, each for the silent months that it is like, if a point multiplies the odds of an answer by e^tilt: a
    month with the chance p to be answered counts 1 / p = 1 + odds of silence. Effects within customers are learnt
    from pairs of months, which are there with both chances, so a row counts its 1 / p times those of its customer.
    Roots are at most 1. -#}
{% macro tilted_rows(sample, relation) -%}
    select
        *,
        cast(
            round(sqrt(cast(pair_weight as double) / cast(max(pair_weight) over () as double)), 8) as decimal(9, 8)
        ) as root_weight

    from (
        select
            *,
            inverse_chance * sum(inverse_chance) over (partition by customer_id) as pair_weight

        from (
            select
                *,
                cast(
                    round(1 + silent_odds * relative_odds * count(*) over () / sum(relative_odds) over (), 6)
                    as decimal(18, 6)
                ) as inverse_chance

            from (
                select
                    known.*,
                    units.silent_odds,
                    cast(
                        round(exp({{ -sample.tilt }} * (cast(known.satisfaction_score as double) - 5)), 8)
                        as decimal(18, 8)
                    ) as relative_odds

                from (
                    {{ saydo.known_rows(sample, relation) }}
                ) as known

                inner join units
                    on units.sample_code = '{{ sample.code }}'
            ) as judged
        ) as chanced
    ) as paired
{%- endmacro %}
