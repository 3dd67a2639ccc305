-- Each read model over all organisations: how many are behind and by how much, how many are parked, and one of these.
SELECT
  wanted.projection,
  count(h.organisation) AS organisations,
  count(*) FILTER (WHERE h.sequence > coalesce(p.sequence, 0) AND k.organisation IS NULL) AS behind,
  coalesce(
    sum(greatest(h.sequence - coalesce(p.sequence, 0), 0)) FILTER (WHERE k.organisation IS NULL), 0
  )::bigint AS lag_events,
  coalesce(
    extract(
      EPOCH FROM clock_timestamp()
      - min(h.recorded_at) FILTER (WHERE h.sequence > coalesce(p.sequence, 0) AND k.organisation IS NULL)
    ), 0
  )::double precision AS lag_seconds,
  count(k.organisation) AS parked,
  min(k.organisation || ' at ' || k.sequence || ' (' || k.error || ')') AS parked_first
FROM unnest($1::text []) WITH ORDINALITY AS wanted (projection, place)
LEFT JOIN ledger.heads AS h ON h.sequence > 0
LEFT JOIN projections.live_positions AS p ON p.projection = wanted.projection AND p.organisation = h.organisation
LEFT JOIN projections.parked AS k ON k.projection = wanted.projection AND k.organisation = h.organisation
GROUP BY wanted.projection, wanted.place
ORDER BY wanted.place
