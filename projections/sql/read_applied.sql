-- A page of the events that a read model has applied, by organisation and sequence, after the last one read.
SELECT e.organisation, e.sequence, e.entry, e.data, e.text
FROM projections.live_positions AS p
JOIN ledger.events AS e ON e.organisation = p.organisation AND e.sequence <= p.sequence
WHERE p.projection = $1 AND (e.organisation, e.sequence) > ($2, $3)
ORDER BY e.organisation, e.sequence
LIMIT $4
