-- Every generation of the read models asked for that is still there: how many events it has applied, and how many it
-- has to reach to be as far as the live one.
SELECT
  g.projection,
  g.generation,
  g.number,
  g.state,
  g.code,
  g.began_at,
  g.switched_at,
  (
    SELECT coalesce(sum(p.sequence), 0)::bigint
    FROM projections.positions AS p
    WHERE p.projection = g.generation
  ) AS events,
  (
    SELECT coalesce(sum(p.sequence), 0)::bigint
    FROM projections.live_positions AS p
    WHERE p.projection = g.projection
  ) AS live_events
FROM unnest($1::text []) WITH ORDINALITY AS wanted (projection, place)
JOIN projections.generations AS g ON g.projection = wanted.projection
WHERE g.state <> 'dropped'
ORDER BY wanted.place, g.number
