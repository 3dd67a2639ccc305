-- Adds what objectives are the mean of from a day on.
INSERT INTO progress.roll_ups (
  organisation,
  objective_id,
  effective_on,
  sequence,
  roll_up
)
SELECT
  organisation,
  objective_id,
  effective_on,
  sequence,
  roll_up
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date [],
  $4::bigint [],
  $5::text []
) AS made (
  organisation,
  objective_id,
  effective_on,
  sequence,
  roll_up
);
