-- Before deploy. A head says which transaction changed it last, so that a look for what is new reads no other.
-- Old code ignores the column. No table rewrite; the index covers one small table, appends wait while it is built.
-- A BRIN index keeps one summary for a few pages, and updates of what only such an index covers stay HOT (since
-- PostgreSQL 16): the row's place does not change, its summary does.
SET lock_timeout = '10s';

ALTER TABLE ledger.heads ADD COLUMN changed bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN ledger.heads.changed IS
'The transaction that changed the row last, as pg_current_xact_id() gives it; 0: one before there was this column.';

CREATE FUNCTION ledger.note_the_transaction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  new.changed := pg_current_xact_id()::text::bigint;
  RETURN new;
END $$;
ALTER FUNCTION ledger.note_the_transaction() OWNER TO okr_owner;

-- A trigger, not a line in the append: whoever moves a head, a restore among them, cannot forget it.
CREATE TRIGGER heads_say_when_they_changed BEFORE INSERT OR UPDATE ON ledger.heads
FOR EACH ROW EXECUTE FUNCTION ledger.note_the_transaction();

CREATE INDEX heads_changed ON ledger.heads USING brin (changed) WITH (pages_per_range = 4, autosummarize = on);
