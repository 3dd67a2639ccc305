-- Adds responsibles; an array for each column, all of one length.
INSERT INTO alignment.responsibles (
  organisation, key_result_id, sequence, effective_on, person_id
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text []
)
