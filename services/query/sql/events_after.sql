-- At most $4 events of organisation $1 after sequence $2 and up to $3, oldest first, as their exact bytes.
SELECT e.sequence, e.entry, e.data, e.text AS words
  FROM ledger.events AS e
 WHERE e.organisation = $1 AND e.sequence > $2 AND e.sequence <= $3
 ORDER BY e.sequence
 LIMIT $4
