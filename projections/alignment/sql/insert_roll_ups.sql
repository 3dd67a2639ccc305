-- Adds roll ups; an array for each column, all of one length.
INSERT INTO alignment.roll_ups (
  organisation, objective_id, sequence, effective_on, roll_up
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::bigint [], $4::date [], $5::text []
)
