-- Begins a later epoch of one organisation's ledger with the event that says so, its first one; answers whether the
-- head was still the one that this was decided on. For an operator, after a restore: no service may call it.
-- A database made before it took the epoch would keep both, and nothing was released that calls the other.
DROP FUNCTION IF EXISTS ledger.begin_epoch (
  text, bigint, integer, timestamptz, text, bytea, bytea, bytea, bytea, bytea
);
CREATE OR REPLACE FUNCTION ledger.begin_epoch(
  organisation text,
  expected_sequence bigint,
  expected_epoch integer,
  next_epoch integer,
  recorded_at timestamptz,
  subject text,
  entry bytea,
  data bytea,
  words bytea,
  data_secret bytea,
  text_secret bytea
) RETURNS boolean LANGUAGE plpgsql SET search_path = ledger, pg_catalog, pg_temp AS $$
BEGIN
  UPDATE ledger.heads AS h
     SET sequence = expected_sequence + 1, epoch = next_epoch, recorded_at = begin_epoch.recorded_at
   WHERE h.organisation = begin_epoch.organisation AND h.sequence = expected_sequence AND h.epoch = expected_epoch
     AND next_epoch > expected_epoch;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO ledger.events (organisation, sequence, epoch, entry, data, text, data_secret, text_secret)
  VALUES (begin_epoch.organisation, expected_sequence + 1, next_epoch, entry, data, words, data_secret, text_secret);
  INSERT INTO ledger.event_subjects (organisation, subject, sequence)
  VALUES (begin_epoch.organisation, begin_epoch.subject, expected_sequence + 1);
  RETURN true;
END $$;
ALTER FUNCTION ledger.begin_epoch OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.begin_epoch FROM public;
