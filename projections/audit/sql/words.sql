-- The words of the events asked for; those without words, or whose words were erased, are left out.
SELECT e.sequence, e.text AS words
  FROM ledger.events AS e
 WHERE e.organisation = $1 AND e.sequence = ANY ($2::bigint []) AND e.text IS NOT NULL
