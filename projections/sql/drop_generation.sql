-- A generation that is not live is gone; its number is not used again. Its positions go with it.
WITH positions AS (
  DELETE FROM projections.positions AS p
  WHERE p.projection = $1
)

UPDATE projections.generations AS g
SET state = 'dropped'
WHERE g.generation = $1 AND g.state <> 'live'
