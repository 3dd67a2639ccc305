-- Adds openings; an array for each column, all of one length.
INSERT INTO alignment.openings (
  organisation, cycle_id, sequence, effective_on
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date []
)
