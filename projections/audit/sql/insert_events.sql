-- Adds events; an array for each column, all of one length.
INSERT INTO audit.events (
  organisation, sequence, type, actor_kind, actor_id, on_behalf_of, changes, earlier_words
)
SELECT * FROM unnest(
  $1::text [], $2::bigint [], $3::text [], $4::text [], $5::text [], $6::text [], $7::text [], $8::text []
)
