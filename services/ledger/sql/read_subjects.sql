-- The events that change the state of the subjects asked for, up to the head that the decision is made on.
CREATE OR REPLACE FUNCTION ledger.read_subjects(
  organisations text [],
  subjects text [],
  up_to bigint []          -- three arrays of the same length: a row each
) RETURNS TABLE (organisation text, subject text, entry bytea, data bytea, words bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
-- Few rows by key out of a table that only grows: a plan made while it was small must not scan it later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT asked.organisation, asked.subject, e.entry, e.data, e.text
    FROM unnest(read_subjects.organisations, read_subjects.subjects, read_subjects.up_to)
      AS asked (organisation, subject, up_to)
    JOIN ledger.event_subjects AS s
      ON s.organisation = asked.organisation AND s.subject = asked.subject AND s.sequence <= asked.up_to
    JOIN ledger.events AS e ON e.organisation = s.organisation AND e.sequence = s.sequence
   ORDER BY asked.organisation, asked.subject, s.sequence
$$;
ALTER FUNCTION ledger.read_subjects OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.read_subjects FROM public;
GRANT EXECUTE ON FUNCTION ledger.read_subjects TO okr_ledger;
