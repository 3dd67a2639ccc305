-- The organisations that are parked now.
SELECT k.organisation
FROM projections.parked AS k
WHERE k.projection = $1
