-- Adds key results without a value; their numbers follow in the same transaction.
INSERT INTO progress.key_results (
  organisation,
  key_result_id,
  objective_id,
  source,
  added_weight,
  weight,
  weight_on,
  cadence_days,
  created_on,
  created_sequence,
  progress,
  measured,
  no_inputs
)
SELECT
  organisation,
  key_result_id,
  objective_id,
  source,
  weight::numeric AS added_weight,
  weight::numeric,
  created_on AS weight_on,
  cadence_days,
  created_on,
  created_sequence,
  0 AS progress,
  0 AS measured,
  source = 'children' AS no_inputs
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::text [],
  $5::text [],
  $6::integer [],
  $7::date [],
  $8::bigint []
) AS made (
  organisation,
  key_result_id,
  objective_id,
  source,
  weight,
  cadence_days,
  created_on,
  created_sequence
);
