-- Adds who is responsible from a day on.
INSERT INTO progress.responsible (
  organisation,
  key_result_id,
  effective_on,
  sequence,
  person_id
)
SELECT
  organisation,
  key_result_id,
  effective_on,
  sequence,
  person_id
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date [],
  $4::bigint [],
  $5::text []
) AS made (
  organisation,
  key_result_id,
  effective_on,
  sequence,
  person_id
);
