-- The next generation of a read model; a number is used once, whatever becomes of it.
INSERT INTO projections.generations (generation, projection, number, state, code)
SELECT $1 || '_' || next.number, $1, next.number, 'building', $2
FROM (
  SELECT coalesce(max(g.number), 1) + 1 AS number
  FROM projections.generations AS g
  WHERE g.projection = $1
) AS next
RETURNING generation
