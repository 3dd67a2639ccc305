-- The schema that a read model ($1) is read from now.
SELECT g.generation FROM projections.live_generations AS g
 WHERE g.projection = $1
