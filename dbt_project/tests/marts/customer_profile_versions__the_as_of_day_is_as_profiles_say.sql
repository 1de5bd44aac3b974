-- Whoever asks the versions for the as-of day is told what the profiles tell. Resolve: the models that span an
-- attribute and the one that the profile takes it from choose differently.
with

versions as (

    select * from {{ ref('customer_profile_versions') }}

    where {{ as_of(var('as_of_date')) }}

),

profiles as (

    select * from {{ ref('customer_profiles') }}

)

select
    profiles.customer_id,
    count(versions.customer_id) as version_count

from profiles

left join versions
    on
        profiles.customer_id = versions.customer_id
        and profiles.region_code is not distinct from versions.region_code
        and profiles.customer_type is not distinct from versions.customer_type
        and profiles.satisfaction_band is not distinct from versions.satisfaction_band
        and profiles.customer_status = versions.customer_status

group by profiles.customer_id

having count(versions.customer_id) <> 1
