-- The positions of one generation of a read model, of the organisations asked for; one without a row has seen nothing.
SELECT p.organisation, p.epoch, p.sequence
FROM projections.positions AS p
WHERE p.projection = $1 AND p.organisation = ANY($2::text [])
