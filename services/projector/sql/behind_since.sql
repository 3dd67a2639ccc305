-- The same as behind.sql, of the heads alone that changed after what an earlier look saw ($2), and of those named ($3).
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
  FROM (
    SELECT c.organisation, c.epoch, c.sequence, c.recorded_at
    FROM ledger.heads_changed_since($2::text::pg_snapshot) AS c
    UNION
    SELECT n.organisation, n.epoch, n.sequence, n.recorded_at
    FROM ledger.heads AS n
    WHERE n.organisation = any($3::text [])
  ) AS h
  LEFT JOIN projections.live_positions AS p ON p.projection = $1 AND p.organisation = h.organisation
  WHERE h.sequence > coalesce(p.sequence, 0) OR h.epoch > coalesce(p.epoch, h.epoch)
) AS behind ON TRUE
ORDER BY behind.organisation
