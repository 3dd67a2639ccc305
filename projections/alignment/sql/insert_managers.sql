-- Adds managers; an array for each column, all of one length.
INSERT INTO alignment.managers (
  organisation, person_id, sequence, effective_on, manager_id
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text []
)
