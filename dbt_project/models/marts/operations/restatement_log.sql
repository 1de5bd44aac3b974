-- One row per published figure that changed between two releases.
with

figures as (

    select * from {{ ref('published_figures') }}

),

published as (

    select * from {{ ref('int_figures_published') }}

),

logged as (

    select * from {{ ref('int_restatements_logged') }}

),

causes as (

    select * from {{ ref('int_changes_summarised_to_months') }}

),

replaced as (

    select as_of_date from {{ ref('int_releases_listed') }}

    where is_current

),

-- A figure that was never published before, such as one of a new segment, is not restated.
kinds as (

    select
        table_name,
        column_name,
        segment_type

    from published

    group by table_name, column_name, segment_type

),

compared as (

    select
        coalesce(published.table_name, figures.table_name) as table_name,
        coalesce(published.column_name, figures.column_name) as column_name,
        coalesce(published.segment_type, figures.segment_type) as segment_type,
        coalesce(published.key, figures.key) as key,
        coalesce(published.month_start_date, figures.month_start_date) as month_start_date,
        published.value as old,
        figures.value as new,
        published.key is not null and figures.key is not null as is_in_both

    from published

    full outer join figures
        on
            published.table_name = figures.table_name
            and published.column_name = figures.column_name
            and published.segment_type = figures.segment_type
            and published.key = figures.key

),

-- A month is restated once it was over in both releases; what is as of a day, if both are of that day.
restated as (

    select
        compared.*,
        replaced.as_of_date as replaced_as_of_date

    from compared

    inner join kinds
        on
            compared.table_name = kinds.table_name
            and compared.column_name = kinds.column_name
            and compared.segment_type = kinds.segment_type

    cross join replaced

    where
        (compared.old <> compared.new or (compared.old is null) <> (compared.new is null))
        and (
            {{ dbt.dateadd('month', 1, 'compared.month_start_date') }}
            <= {{ dbt.dateadd('day', 1, 'least(replaced.as_of_date, ' ~ as_of_date() ~ ')') }}
            or (compared.month_start_date is null and compared.is_in_both)
        )

),

final as (

    select
        table_name,
        key,
        column_name,
        old,
        new,
        changed_in_release,
        cause_codes,
        cause_batch_ids,
        cause_batch_count,
        month_start_date

    from logged

    union all

    select
        restated.table_name,
        restated.key,
        restated.column_name,
        restated.old,
        restated.new,
        cast(null as {{ dbt.type_string() }}) as changed_in_release,
        coalesce(
            causes.cause_codes,
            case when restated.replaced_as_of_date = {{ as_of_date() }} then 'other' else 'as_of_date' end
        ) as cause_codes,
        causes.cause_batch_ids,
        {{ whole('coalesce(causes.cause_batch_count, 0)') }} as cause_batch_count,
        restated.month_start_date

    from restated

    left join causes
        on coalesce(restated.month_start_date, {{ beginning_of_days() }}) = causes.month_start_date

)

select * from final
