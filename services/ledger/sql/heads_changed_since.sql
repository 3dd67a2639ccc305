-- The heads that changed after a snapshot: of every transaction that it did not see, in whatever order they committed.
-- Costs what changed, and a look at one summary for about 250 organisations.
-- A number that no transaction of this server has had yet is that of another server, which the ledger was copied from.
CREATE OR REPLACE FUNCTION ledger.heads_changed_since(since pg_snapshot)
RETURNS TABLE (organisation text, epoch integer, sequence bigint, recorded_at timestamptz)
LANGUAGE sql STABLE ROWS 10 SET search_path = ledger, pg_catalog, pg_temp
-- How many changed cannot be estimated: the plan must be the one for few, whatever the statistics say.
SET enable_seqscan = off AS $$
  SELECT h.organisation, h.epoch, h.sequence, h.recorded_at
    FROM ledger.heads AS h
   WHERE h.changed >= pg_snapshot_xmin(since)::text::bigint
     AND h.changed < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
     AND NOT pg_visible_in_snapshot(h.changed::text::xid8, since)
$$;
ALTER FUNCTION ledger.heads_changed_since OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.heads_changed_since FROM public;
GRANT EXECUTE ON FUNCTION ledger.heads_changed_since TO okr_publisher, okr_projector;
