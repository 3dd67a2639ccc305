-- Adds titles; an array for each column, all of one length.
INSERT INTO alignment.titles (
  organisation, kind, id, sequence, effective_on, title
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::text [], $4::bigint [], $5::date [], $6::text []
)
