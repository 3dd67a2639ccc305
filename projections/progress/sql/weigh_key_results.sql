-- Writes how much key results count, and whether they were dropped.
UPDATE progress.key_results AS standing SET
  weight = made.weight::numeric,
  weight_on = made.weight_on,
  dropped = made.dropped,
  dropped_on = made.dropped_on
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::boolean [],
  $6::date []
) AS made (
  organisation,
  key_result_id,
  weight,
  weight_on,
  dropped,
  dropped_on
)
WHERE
  standing.organisation = made.organisation
  AND standing.key_result_id = made.key_result_id;
