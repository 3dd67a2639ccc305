-- What this look saw, and the organisations that have not reached their head, with how long it has been there.
-- Reads every head; behind_since.sql reads those that changed.
SELECT
  now.seen,
  behind.organisation,
  behind.lag_events,
  behind.head_age_seconds,
  behind.position
FROM (SELECT pg_current_snapshot()::text AS seen) AS now
LEFT JOIN (
  SELECT
    h.organisation,
    h.sequence - coalesce(p.sequence, 0) AS lag_events,
    extract(EPOCH FROM clock_timestamp() - h.recorded_at)::double precision AS head_age_seconds,
    coalesce(p.sequence, 0) AS position
  FROM ledger.heads AS h
  LEFT JOIN projections.live_positions AS p ON p.projection = $1 AND p.organisation = h.organisation
  WHERE h.sequence > coalesce(p.sequence, 0) OR h.epoch > coalesce(p.epoch, h.epoch)
) AS behind ON TRUE
ORDER BY behind.organisation
