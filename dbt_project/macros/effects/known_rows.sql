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
        {{ saydo.rounded(
            'sqrt(' ~ saydo.quotient(
                saydo.nearest_double('pair_weight'), saydo.nearest_double('max(pair_weight) over ()')
            ) ~ ')',
            8,
            9
        ) }} as root_weight

    from (
        select
            *,
            {{ saydo.product(
                'inverse_chance', 6, 'sum(inverse_chance) over (partition by customer_id)', 6
            ) }} as pair_weight

        from (
            select
                *,
                {{ saydo.rounded(
                    '1 + ' ~ saydo.quotient(
                        'silent_odds * cast(relative_odds as double) * cast(count(*) over () as double)',
                        saydo.nearest_double('sum(relative_odds) over ()')
                    ),
                    6
                ) }} as inverse_chance

            from (
                select
                    known.*,
                    units.silent_odds,
                    -- Engines differ in the last digit of exp, far below the eight that are kept.
                    {{ saydo.rounded(
                        'exp(' ~ -sample.tilt ~ ' * (cast(known.satisfaction_score as double) - 5))', 8
                    ) }} as relative_odds

                from (
                    {{ saydo.known_rows(sample, relation) }}
                ) as known

                inner join units
                    on units.sample_code = '{{ sample.code }}'
            ) as judged
        ) as chanced
    ) as paired
{%- endmacro %}
