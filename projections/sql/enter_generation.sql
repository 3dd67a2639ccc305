-- A generation becomes the live one, after another one left.
UPDATE projections.generations AS g
SET state = 'live', switched_at = now(), left_in = NULL
WHERE g.generation = $1 AND g.state IN ('building', 'returning')
