-- The events of one organisation after a sequence, oldest first: what another process appended since.
CREATE OR REPLACE FUNCTION ledger.read_difference(organisation text, after_sequence bigint, up_to bigint)
RETURNS TABLE (sequence bigint, entry bytea, data bytea, words bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
-- Few rows by key out of a table that only grows: a plan made while it was small must not scan it later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT e.sequence, e.entry, e.data, e.text
    FROM ledger.events AS e
   WHERE e.organisation = read_difference.organisation
     AND e.sequence > read_difference.after_sequence
     AND e.sequence <= read_difference.up_to
   ORDER BY e.sequence
$$;
ALTER FUNCTION ledger.read_difference OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.read_difference FROM public;
GRANT EXECUTE ON FUNCTION ledger.read_difference TO okr_ledger;
