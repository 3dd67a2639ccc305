-- Notes that somebody read restricted subjects, or was refused: once more today, or for the first time. What is older
-- than a year and a day goes.
CREATE OR REPLACE FUNCTION ledger.note_access(
  organisation text, actor text, what text, subjects text [], address text
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp AS $$
  DELETE FROM ledger.access_records AS r
   WHERE r.organisation = note_access.organisation AND r.on_day < (now() AT TIME ZONE 'UTC')::date - 366;

  INSERT INTO ledger.access_records AS r (organisation, on_day, actor, what, subject, address, first_at, last_at, times)
  SELECT note_access.organisation, (now() AT TIME ZONE 'UTC')::date, note_access.actor, note_access.what, noted.subject,
         note_access.address, now(), now(), 1
    FROM unnest(note_access.subjects) AS noted (subject)
   ORDER BY noted.subject
      ON CONFLICT ON CONSTRAINT access_records_pkey
      DO UPDATE SET last_at = excluded.last_at, times = r.times + 1;
$$;
ALTER FUNCTION ledger.note_access OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.note_access FROM public;
GRANT EXECUTE ON FUNCTION ledger.note_access TO okr_ledger, okr_query;
