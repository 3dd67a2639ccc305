-- Adds units; an array for each column, all of one length.
INSERT INTO alignment.units (
  organisation, unit_id, sequence, effective_on, parent_id, name
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text [], $6::text []
)
