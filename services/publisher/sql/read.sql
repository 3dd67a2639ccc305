-- The next events of each organisation asked for, in order; at most $3 events and about $4 bytes of each, at least one.
SELECT asked.organisation, e.sequence, e.epoch, e.entry, e.data, e.text, e.traceparent
FROM unnest($1::text [], $2::bigint []) AS asked (organisation, after)
CROSS JOIN LATERAL (
  SELECT
    next.*,
    sum(coalesce(octet_length(next.data), 0) + coalesce(octet_length(next.text), 0))
      OVER (ORDER BY next.sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
  FROM (
    SELECT found.sequence, found.epoch, found.entry, found.data, found.text, found.traceparent
    FROM ledger.events AS found
    WHERE found.organisation = asked.organisation AND found.sequence > asked.after
    ORDER BY found.sequence
    LIMIT $3
  ) AS next
) AS e
WHERE e.bytes_before IS NULL OR e.bytes_before < $4
ORDER BY asked.organisation, e.sequence
