-- Adds that people are key partners from a day on, or are so no longer.
INSERT INTO progress.partners (
  organisation,
  key_result_id,
  person_id,
  effective_on,
  sequence,
  named
)
SELECT
  organisation,
  key_result_id,
  person_id,
  effective_on,
  sequence,
  named
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::bigint [],
  $6::boolean []
) AS made (
  organisation,
  key_result_id,
  person_id,
  effective_on,
  sequence,
  named
);
