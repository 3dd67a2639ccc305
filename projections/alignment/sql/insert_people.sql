-- Adds people; an array for each column, all of one length.
INSERT INTO alignment.people (
  organisation, person_id, sequence, effective_on, title, placeholder
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text [], $6::boolean []
)
