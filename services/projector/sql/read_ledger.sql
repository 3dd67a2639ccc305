-- The event at a position, and those after it: the first row says whether the position is still in this ledger.
SELECT e.sequence, e.epoch, e.entry, e.data, e.text
FROM ledger.events AS e
WHERE e.organisation = $1 AND e.sequence >= $2
ORDER BY e.sequence
LIMIT $3
