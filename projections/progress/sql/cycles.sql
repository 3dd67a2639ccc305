-- The cycles of an organisation ($1) that are known at an event ($2), in the order of their ids.
SELECT
  cycle_id,
  name,
  starts_on,
  ends_on,
  parent_id,
  rule_version,
  thresholds,
  planned_on,
  planned_sequence,
  opened_on,
  opened_sequence
FROM progress.cycles
WHERE organisation = $1 AND planned_sequence <= $2
ORDER BY cycle_id;
