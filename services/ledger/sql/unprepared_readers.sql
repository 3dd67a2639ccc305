-- The living projectors that cannot read some of the event types asked about, and which ones.
CREATE OR REPLACE FUNCTION ledger.unprepared_readers(event_types text [], alive_seconds double precision)
RETURNS TABLE (projection text, instance text, unknown text [])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = projections, pg_catalog, pg_temp AS $$
  SELECT r.projection, r.instance,
         ARRAY(SELECT wanted.type FROM unnest(unprepared_readers.event_types) AS wanted (type)
                WHERE wanted.type <> ALL (r.event_types))
    FROM projections.readers AS r
   WHERE r.seen_at > clock_timestamp() - make_interval(secs => alive_seconds)
     AND NOT r.event_types @> unprepared_readers.event_types
   ORDER BY r.projection, r.instance
$$;
ALTER FUNCTION ledger.unprepared_readers OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.unprepared_readers FROM public;
GRANT EXECUTE ON FUNCTION ledger.unprepared_readers TO okr_ledger;
