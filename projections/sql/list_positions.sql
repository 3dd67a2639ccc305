-- How far each read model has come in each organisation: all of them, or the one asked for.
-- The lag in seconds is the age of the first event that is not applied yet.
SELECT
  wanted.projection,
  h.organisation,
  h.sequence AS head,
  coalesce(p.sequence, 0) AS sequence,
  p.recorded_at,
  h.sequence - coalesce(p.sequence, 0) AS lag_events,
  coalesce(
    greatest(
      0,
      extract(
        EPOCH FROM clock_timestamp() - (
          SELECT (convert_from(e.entry, 'UTF8')::jsonb ->> 'recorded_at')::timestamptz
          FROM ledger.events AS e
          WHERE
            h.sequence > coalesce(p.sequence, 0)
            AND e.organisation = h.organisation AND e.sequence = coalesce(p.sequence, 0) + 1
        )
      )
    ),
    0
  )::double precision AS lag_seconds,
  k.sequence AS parked_sequence,
  k.event_type AS parked_event_type,
  k.error AS parked_error,
  k.parked_at
FROM ledger.heads AS h
CROSS JOIN unnest($1::text []) WITH ORDINALITY AS wanted (projection, place)
LEFT JOIN projections.live_positions AS p ON p.projection = wanted.projection AND p.organisation = h.organisation
LEFT JOIN projections.parked AS k ON k.projection = wanted.projection AND k.organisation = h.organisation
WHERE h.sequence > 0 AND ($2::text IS NULL OR h.organisation = $2)
ORDER BY h.organisation, wanted.place
