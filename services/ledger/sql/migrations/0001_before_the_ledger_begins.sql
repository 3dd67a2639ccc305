-- Before deploy. Roles, the ledger, the directory vault and what the publisher remembers.
-- Roles belong to the whole server: another database of the same server may have made them already.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['okr_owner', 'okr_ledger', 'okr_publisher', 'okr_projector', 'okr_query'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      RAISE DEBUG 'role % exists', wanted;
    END;
  END LOOP;
END $$;

CREATE SCHEMA ledger AUTHORIZATION okr_owner;
CREATE SCHEMA directory AUTHORIZATION okr_owner;

CREATE TABLE ledger.heads (
  organisation text COLLATE "C" PRIMARY KEY,
  epoch integer NOT NULL,
  sequence bigint NOT NULL,
  recorded_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.heads IS
'The newest event of each organisation. Its row is the boundary of consistency: whoever appends holds its lock.';

CREATE TABLE ledger.events (
  organisation text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  epoch integer NOT NULL,
  entry bytea NOT NULL,
  data bytea,
  text bytea,
  data_secret bytea,
  text_secret bytea,
  leaf_hash bytea NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || entry)) STORED,
  PRIMARY KEY (organisation, sequence),
  CHECK (sequence > 0)
);
COMMENT ON TABLE ledger.events IS
'Every event as the exact bytes that it was made of. A row is never changed, but for parts that are erased.';

CREATE TABLE ledger.event_subjects (
  organisation text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (organisation, subject, sequence)
);
COMMENT ON TABLE ledger.event_subjects IS
'Which events change the state of which subject: what a decider folds.';

CREATE TABLE ledger.replies (
  organisation text COLLATE "C" NOT NULL,
  command_id text COLLATE "C" NOT NULL,
  content_salt bytea NOT NULL,
  content_hash bytea NOT NULL,
  reply bytea NOT NULL,
  PRIMARY KEY (organisation, command_id)
);
COMMENT ON TABLE ledger.replies IS
'The answer to each command that was taken, so that a repetition gets the same one. The hash of its content is salted.';

CREATE TABLE ledger.published (
  topic text COLLATE "C" NOT NULL,
  organisation text COLLATE "C" NOT NULL,
  epoch integer NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (topic, organisation)
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.published IS
'How far each organisation was published. Losing a row only sends events again.';

CREATE TABLE ledger.publisher_leases (
  topic text COLLATE "C" NOT NULL,
  partition integer NOT NULL,
  holder text NOT NULL,
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE ledger.publisher_leases IS
'Which publisher serves which partition; the epoch grows with each change of hands.';

CREATE TABLE directory.people (
  organisation text COLLATE "C" NOT NULL,
  person_id text COLLATE "C" NOT NULL,
  name text,
  email text,
  PRIMARY KEY (organisation, person_id)
);
COMMENT ON TABLE directory.people IS
'The vault: names and addresses of people, in no event, to be changed and erased.';

ALTER TABLE ledger.heads OWNER TO okr_owner;
ALTER TABLE ledger.events OWNER TO okr_owner;
ALTER TABLE ledger.event_subjects OWNER TO okr_owner;
ALTER TABLE ledger.replies OWNER TO okr_owner;
ALTER TABLE ledger.published OWNER TO okr_owner;
ALTER TABLE ledger.publisher_leases OWNER TO okr_owner;
ALTER TABLE directory.people OWNER TO okr_owner;

CREATE FUNCTION ledger.refuse_to_change_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'events are never changed or removed'
    USING ERRCODE = 'OKR02', HINT = 'append a correction; what people wrote is erased by the erasure role';
END $$;
ALTER FUNCTION ledger.refuse_to_change_events() OWNER TO okr_owner;

CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE ON ledger.events
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_to_change_events();
CREATE TRIGGER events_are_kept BEFORE TRUNCATE ON ledger.events
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_to_change_events();

-- The owner's functions take their organisations as arguments; everybody else is held by the policies below.
DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY[
    'ledger.heads', 'ledger.events', 'ledger.event_subjects', 'ledger.replies', 'ledger.published', 'directory.people'
  ] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY functions_of_the_owner ON %s TO okr_owner USING (true) WITH CHECK (true)', guarded);
  END LOOP;
  FOREACH guarded IN ARRAY ARRAY['ledger.heads', 'ledger.events', 'directory.people'] LOOP
    EXECUTE format(
      'CREATE POLICY one_organisation ON %s FOR SELECT TO okr_query'
      ' USING (organisation = nullif(current_setting(''okr.organisation'', true), ''''))', guarded
    );
    EXECUTE format('GRANT SELECT ON %s TO okr_query', guarded);
  END LOOP;
  FOREACH guarded IN ARRAY ARRAY['ledger.heads', 'ledger.events', 'ledger.published'] LOOP
    EXECUTE format('CREATE POLICY across_organisations ON %s TO okr_publisher USING (true) WITH CHECK (true)', guarded);
  END LOOP;
  FOREACH guarded IN ARRAY ARRAY['ledger.heads', 'ledger.events'] LOOP
    EXECUTE format('CREATE POLICY across_organisations_too ON %s FOR SELECT TO okr_projector USING (true)', guarded);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA ledger TO okr_ledger, okr_publisher, okr_projector, okr_query;
GRANT USAGE ON SCHEMA directory TO okr_query;
GRANT SELECT ON ledger.heads, ledger.events TO okr_publisher, okr_projector;
GRANT SELECT, INSERT, UPDATE ON ledger.published, ledger.publisher_leases TO okr_publisher;
