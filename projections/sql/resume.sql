-- Lets parked organisations go on: the projector reads them from the ledger at its next look, and parks them again if
-- the same event still cannot be applied.
DELETE FROM projections.parked AS k
WHERE k.projection = $1 AND ($2::text IS NULL OR k.organisation = $2)
RETURNING k.organisation
