-- The heads of the organisations asked for; an organisation without a row has no ledger yet.
CREATE OR REPLACE FUNCTION ledger.read_heads(organisations text [])
RETURNS TABLE (organisation text, epoch integer, sequence bigint, recorded_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
-- Few rows by key out of a table that only grows: a plan made while it was small must not scan it later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT h.organisation, h.epoch, h.sequence, h.recorded_at
    FROM ledger.heads AS h
   WHERE h.organisation = ANY (read_heads.organisations) AND h.sequence > 0
$$;
ALTER FUNCTION ledger.read_heads OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.read_heads FROM public;
GRANT EXECUTE ON FUNCTION ledger.read_heads TO okr_ledger;
