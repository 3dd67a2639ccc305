-- When event $2 of organisation $1 was recorded.
SELECT (convert_from(e.entry, 'UTF8')::json ->> 'recorded_at')::timestamptz
  FROM ledger.events AS e
 WHERE e.organisation = $1 AND e.sequence = $2
