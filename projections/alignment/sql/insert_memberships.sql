-- Adds memberships; an array for each column, all of one length.
INSERT INTO alignment.memberships (
  organisation, person_id, sequence, unit_id, effective_on, is_primary, place
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::text [], $5::date [], $6::boolean [], $7::integer []
)
