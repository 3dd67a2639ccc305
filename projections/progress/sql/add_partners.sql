-- Adds key partners from a day on.
INSERT INTO progress.partners (
  organisation,
  key_result_id,
  person_id,
  effective_on,
  sequence
)
SELECT
  organisation,
  key_result_id,
  person_id,
  effective_on,
  sequence
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::bigint []
) AS made (
  organisation,
  key_result_id,
  person_id,
  effective_on,
  sequence
);
