-- How much of the ledger is not on the topic yet, for how long the oldest head of it has been there, who publishes.
SELECT
  count(*) FILTER (WHERE h.sequence > coalesce(p.sequence, 0) OR h.epoch > coalesce(p.epoch, h.epoch)) AS organisations,
  coalesce(sum(greatest(h.sequence - coalesce(p.sequence, 0), 0)), 0)::bigint AS events,
  coalesce(
    extract(EPOCH FROM clock_timestamp() - min(h.recorded_at) FILTER (WHERE h.sequence > coalesce(p.sequence, 0))), 0
  )::double precision AS oldest_seconds,
  (
    SELECT count(DISTINCT l.holder) FROM ledger.publisher_leases AS l
    WHERE l.topic = $1 AND l.expires_at > clock_timestamp()
  ) AS publishers
FROM ledger.heads AS h
LEFT JOIN ledger.published AS p ON p.topic = $1 AND p.organisation = h.organisation
WHERE h.sequence > 0
