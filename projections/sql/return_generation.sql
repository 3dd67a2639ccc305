-- A generation that is kept is on its way back.
UPDATE projections.generations AS g
SET state = 'returning'
WHERE g.generation = $1 AND g.state IN ('kept', 'returning')
