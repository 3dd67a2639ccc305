-- The audit read model: an index of the ledger, and what each event changed. It holds no words that people wrote: where
-- a text field changed, it keeps which event said the earlier words, and both are read from the ledger when asked for.
CREATE SCHEMA audit AUTHORIZATION okr_owner;

CREATE TABLE audit.events (
  organisation text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  type text COLLATE "C" NOT NULL,
  actor_kind text COLLATE "C" NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  on_behalf_of text COLLATE "C",
  changes text NOT NULL,
  earlier_words text NOT NULL,
  PRIMARY KEY (organisation, sequence)
);
COMMENT ON TABLE audit.events IS 'Every event: who acted, and what it changed of its subject.';
COMMENT ON COLUMN audit.events.changes IS
'JSON, [[field, before, after]] of ids, numbers, dates and words from fixed lists; as text: jsonb would rewrite it.';
COMMENT ON COLUMN audit.events.earlier_words IS
'JSON, {text field: sequence of the event that said it before, or null}; equal words are left out on reading.';

CREATE TABLE audit.event_subjects (
  organisation text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (organisation, subject, sequence)
);
COMMENT ON TABLE audit.event_subjects IS 'Which events are about which subject: of it, changing it, or naming it.';

CREATE TABLE audit.subjects (
  organisation text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  fields text NOT NULL,
  words text NOT NULL,
  PRIMARY KEY (organisation, subject)
);
COMMENT ON TABLE audit.subjects IS
'Each subject after its newest event: what the next one is compared with. A check-in is not here before its second.';
COMMENT ON COLUMN audit.subjects.fields IS 'JSON, {field: value}.';
COMMENT ON COLUMN audit.subjects.words IS 'JSON, {text field: sequence of the event that said it last}.';

DO $$
DECLARE
  guarded text;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['audit.events', 'audit.event_subjects', 'audit.subjects'] LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO okr_owner', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY across_organisations ON %s TO okr_projector USING (true) WITH CHECK (true)', guarded);
    EXECUTE format('CREATE POLICY functions_of_the_owner ON %s TO okr_owner USING (true) WITH CHECK (true)', guarded);
    EXECUTE format(
      'CREATE POLICY one_organisation ON %s FOR SELECT TO okr_query'
      ' USING (organisation = nullif(current_setting(''okr.organisation'', true), ''''))', guarded
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO okr_projector', guarded);
    EXECUTE format('GRANT SELECT ON %s TO okr_query', guarded);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA audit TO okr_projector, okr_query;
