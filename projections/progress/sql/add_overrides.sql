-- Adds overrides and their lifting.
INSERT INTO progress.overrides (
  organisation,
  objective_id,
  effective_on,
  sequence,
  override,
  reason
)
SELECT
  organisation,
  objective_id,
  effective_on,
  sequence,
  override::numeric,
  reason
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date [],
  $4::bigint [],
  $5::text [],
  $6::text []
) AS made (
  organisation,
  objective_id,
  effective_on,
  sequence,
  override,
  reason
);
