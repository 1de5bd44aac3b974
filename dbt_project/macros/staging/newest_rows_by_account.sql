{#- Newest rows of a source about accounts: of those in `touched`; of all when nothing was built before.
    Landing leaves one row per key in a batch. An account of which only the largest batch tells can have
    no row twice, and of all accounts most are such: they pass straight through, the others are ranked. -#}
{% macro newest_rows_by_account(source_name, keys, touched, known='true') -%}
    {%- if saydo.has_built() -%}
    {%- set wanted -%} ({{ known }}) and {{ saydo.is_touched(['delivered.account_key'], touched) }} {%- endset %}
    {{ saydo.newest_rows(source_name, keys, known=wanted) }}
    {%- else -%}
    {%- set ranked -%}
    select repeatable.*

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as repeatable

    inner join ({{ saydo.accounts_beside_main_batch(source_name) }}) as beside_main_batch
        on repeatable.account_key = beside_main_batch.account_key
    {%- endset %}
    select
        passed.*,
        cast(1 as bigint) as _recency

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as passed

    left join ({{ saydo.accounts_beside_main_batch(source_name) }}) as beside_main_batch
        on passed.account_key = beside_main_batch.account_key

    where beside_main_batch.account_key is null

    union all

    {{ saydo.newest_of(ranked, keys) }}
    {%- endif -%}
{%- endmacro %}

{#- Any choice of main batch gives the same rows in the end; the largest leaves few to rank. -#}
{% macro accounts_beside_main_batch(source_name) -%}
    select beside.account_key

    from (

        {{ saydo.accepted_rows(source_name) }}

    ) as beside

    where
        beside.batch not in (

            select batch

            from (

                select
                    batch,
                    row_number() over (order by count(*) desc, batch) as position_by_size

                from (

                    {{ saydo.accepted_rows(source_name) }}

                ) as counted

                group by batch

            ) as sizes

            where position_by_size = 1

        )

    group by beside.account_key
{%- endmacro %}
