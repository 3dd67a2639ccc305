-- What generation $2 has still to apply to be as far as the live one of read model $1: at most $4 organisations after
-- $3. A restore may have lost events that the live one has applied: then the head is as far as anybody can come.
SELECT
  l.organisation,
  coalesce(b.epoch, 0) AS epoch,
  coalesce(b.sequence, 0) AS sequence,
  least(l.sequence, h.sequence) AS up_to
FROM projections.live_positions AS l
JOIN ledger.heads AS h ON h.organisation = l.organisation
LEFT JOIN projections.positions AS b ON b.projection = $2 AND b.organisation = l.organisation
WHERE l.projection = $1 AND l.organisation > $3 AND least(l.sequence, h.sequence) > coalesce(b.sequence, 0)
ORDER BY l.organisation
LIMIT $4
