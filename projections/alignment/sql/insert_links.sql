-- Adds links; an array for each column, all of one length.
INSERT INTO alignment.links (
  organisation, child_id, parent_kind, parent_id, sequence, effective_on, linked, effect, origin, weight, share,
  drawn_by
)
SELECT * FROM unnest(
  $1::text [], $2::text [], $3::text [], $4::text [], $5::bigint [], $6::date [], $7::boolean [], $8::text [],
  $9::text [], $10::numeric [], $11::numeric [], $12::text []
)
