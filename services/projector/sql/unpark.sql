-- The organisation went on.
DELETE FROM projections.parked AS k
WHERE k.projection = $1 AND k.organisation = $2
