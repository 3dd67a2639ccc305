-- The organisations that have not reached their head, and for how long it has been there.
SELECT
  h.organisation,
  h.sequence - coalesce(p.sequence, 0) AS lag_events,
  extract(EPOCH FROM clock_timestamp() - h.recorded_at)::double precision AS head_age_seconds,
  coalesce(p.sequence, 0) AS position
FROM ledger.heads AS h
LEFT JOIN projections.positions AS p ON p.projection = $1 AND p.organisation = h.organisation
WHERE h.sequence > coalesce(p.sequence, 0) OR h.epoch > coalesce(p.epoch, h.epoch)
ORDER BY h.organisation
