-- Adds overrides; an array for each column, all of one length.
INSERT INTO alignment.overrides (
  organisation, objective_id, sequence, effective_on, overridden
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::boolean []
)
