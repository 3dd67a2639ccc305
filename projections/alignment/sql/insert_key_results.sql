-- Adds key results; an array for each column, all of one length.
INSERT INTO alignment.key_results (
  organisation, key_result_id, sequence, effective_on, objective_id, source, weight
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text [], $6::text [], $7::numeric []
)
