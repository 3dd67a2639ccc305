-- Adds objectives; an array for each column, all of one length.
INSERT INTO alignment.objectives (
  organisation, objective_id, sequence, effective_on, cycle_id, owner_kind, owner_id, declared_top_level
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text [], $6::text [], $7::text [], $8::boolean []
)
