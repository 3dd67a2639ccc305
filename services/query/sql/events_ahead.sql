-- The events of organisation $1 of type $2 that the live progress has not applied yet, oldest first. Types are looked
-- for in the bytes: that costs little where progress is far behind, and nothing where it is not.
SELECT e.sequence, e.data
  FROM ledger.events AS e
 WHERE e.organisation = $1
   AND e.sequence > coalesce((
     SELECT p.sequence
       FROM projections.live_generations AS g
       JOIN projections.positions AS p ON p.organisation = $1 AND p.projection = g.generation
      WHERE g.projection = 'progress'
   ), 0)
   AND position(convert_to('"type":"' || $2 || '"', 'UTF8') IN e.entry) > 0
 ORDER BY e.sequence
