-- Adds objectives that nothing counts in yet; their numbers follow in the same transaction.
INSERT INTO progress.objectives (
  organisation,
  objective_id,
  cycle_id,
  owner_kind,
  owner_id,
  ambition,
  top_level,
  created_on,
  created_sequence,
  roll_up,
  roll_up_on,
  progress,
  measured,
  computed,
  no_inputs
)
SELECT
  organisation,
  objective_id,
  cycle_id,
  owner_kind,
  owner_id,
  ambition,
  top_level,
  created_on,
  created_sequence,
  roll_up,
  created_on AS roll_up_on,
  0 AS progress,
  0 AS measured,
  0 AS computed,
  true AS no_inputs
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::text [],
  $5::text [],
  $6::text [],
  $7::boolean [],
  $8::date [],
  $9::bigint [],
  $10::text []
) AS made (
  organisation,
  objective_id,
  cycle_id,
  owner_kind,
  owner_id,
  ambition,
  top_level,
  created_on,
  created_sequence,
  roll_up
);
