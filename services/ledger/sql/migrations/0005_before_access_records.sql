-- Before deploy. Who read what was restricted, and who tried what they may not: a row for each actor, subject, address
-- and day, with how often. It is beside the ledger, not in it: what somebody reads is no decision.
SET lock_timeout = '10s';

CREATE TABLE ledger.access_records (
  organisation text COLLATE "C" NOT NULL,
  on_day date NOT NULL,
  actor text COLLATE "C" NOT NULL,
  what text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  times integer NOT NULL,
  PRIMARY KEY (organisation, on_day, actor, what, subject, address)
);
COMMENT ON TABLE ledger.access_records IS
'what is read, of a restricted objective, or the code with which an attempt was refused; address is where it was read,
 or the command. The day is that of UTC. Rows are kept for a year and a day.';
ALTER TABLE ledger.access_records OWNER TO okr_owner;
ALTER TABLE ledger.access_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.access_records FORCE ROW LEVEL SECURITY;
CREATE POLICY functions_of_the_owner ON ledger.access_records TO okr_owner USING (true) WITH CHECK (true);
CREATE POLICY one_organisation ON ledger.access_records FOR SELECT TO okr_query
USING (organisation = nullif(current_setting('okr.organisation', true), ''));
GRANT SELECT ON ledger.access_records TO okr_query;
