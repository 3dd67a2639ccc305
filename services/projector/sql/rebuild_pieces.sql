-- The events of pieces of the ledger, in order within each: organisations $1, after sequences $2, up to $3.
SELECT
  e.organisation, e.sequence, e.epoch, e.entry, e.data, e.text,
  length(e.entry) + coalesce(length(e.data), 0) + coalesce(length(e.text), 0) AS size
FROM unnest($1::text [], $2::bigint [], $3::bigint []) AS piece (organisation, after, up_to)
CROSS JOIN LATERAL (
  SELECT e.organisation, e.sequence, e.epoch, e.entry, e.data, e.text
  FROM ledger.events AS e
  WHERE e.organisation = piece.organisation AND e.sequence > piece.after AND e.sequence <= piece.up_to
  ORDER BY e.sequence
) AS e
