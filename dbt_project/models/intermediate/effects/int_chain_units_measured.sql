-- One row per sample: the units in which its variables are counted, and the odds that a month stays silent.
{%- set positions = chain_positions() %}
with

months as (

    select * from {{ ref('int_chain_months_aligned') }}

),

-- How many months without an answer there are for one with it, of those that a customer was asked in.
silences as (

    select
        {{ quotient(
            '(case when max(case when was_invited then 1 else 0 end) = 1 '
            ~ 'then sum(case when was_invited or satisfaction_score is not null then 1 else 0 end) '
            ~ 'else count(*) end - count(satisfaction_score))',
            'count(satisfaction_score)'
        ) }} as silent_odds

    from {{ ref('int_customer_months_measured') }}

    where
        opening_mrr > 0
        and closing_mrr > 0
        and experience_score is not null

),

risks as (

    select * from {{ ref('int_chain_risks_split') }}

),

final as (
    {%- for sample in var('chain_samples') %}

    select
        '{{ sample.code }}' as sample_code,
        max(silences.silent_odds) as silent_odds
        {%- for position in range(1, positions + 1) %},
        {{ chain_unit(sample.variables[position - 1]) }} as unit_{{ position }}
        {%- endfor %}

    from {{ 'risks' if 'churned' in sample.variables else 'months' }}

    cross join silences

    where not is_partial
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

)

select * from final
