-- The live generation of a read model is kept from now on, as it is.
UPDATE projections.generations AS g
SET state = 'kept', left_in = pg_current_xact_id()
WHERE g.projection = $1 AND g.state = 'live'
