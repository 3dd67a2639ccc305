-- Stops one organisation at an event of the ledger that cannot be applied.
INSERT INTO projections.parked AS k (projection, organisation, epoch, sequence, event_type, error)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (projection, organisation) DO UPDATE
  SET epoch = excluded.epoch, sequence = excluded.sequence, event_type = excluded.event_type, error = excluded.error,
  parked_at = CASE WHEN k.sequence = excluded.sequence THEN k.parked_at ELSE excluded.parked_at END
