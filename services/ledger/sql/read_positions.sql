-- The lowest sequence that all read models of one organisation have reached; null while one has none.
CREATE OR REPLACE FUNCTION ledger.read_positions(organisation text, projection_names text [])
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = projections, pg_catalog, pg_temp AS $$
  SELECT CASE WHEN count(p.sequence) = count(*) THEN min(p.sequence) END
    FROM unnest(read_positions.projection_names) AS wanted (projection)
    LEFT JOIN projections.live_positions AS p
      ON p.projection = wanted.projection AND p.organisation = read_positions.organisation
$$;
ALTER FUNCTION ledger.read_positions OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.read_positions FROM public;
GRANT EXECUTE ON FUNCTION ledger.read_positions TO okr_ledger;
