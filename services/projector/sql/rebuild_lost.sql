-- Organisations in which generation $1 has applied an event that the ledger has no more: a restore lost it.
SELECT b.organisation
FROM projections.positions AS b
WHERE
  b.projection = $1
  AND NOT EXISTS (
    SELECT FROM ledger.events AS e
    WHERE e.organisation = b.organisation AND e.sequence = b.sequence AND e.epoch = b.epoch
  )
ORDER BY b.organisation
