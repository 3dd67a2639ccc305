-- Adds planned cycles.
INSERT INTO progress.cycles (
  organisation,
  cycle_id,
  name,
  starts_on,
  ends_on,
  parent_id,
  rule_version,
  thresholds,
  planned_on,
  planned_sequence
)
SELECT
  organisation,
  cycle_id,
  name,
  starts_on,
  ends_on,
  parent_id,
  rule_version,
  thresholds::jsonb,
  planned_on,
  planned_sequence
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::date [],
  $6::text [],
  $7::integer [],
  $8::text [],
  $9::date [],
  $10::bigint []
) AS made (
  organisation,
  cycle_id,
  name,
  starts_on,
  ends_on,
  parent_id,
  rule_version,
  thresholds,
  planned_on,
  planned_sequence
);
