-- The tables of the smallest read model: which events were applied, and how many of each organisation.
CREATE SCHEMA counting AUTHORIZATION okr_owner;
CREATE TABLE counting.events (
  organisation text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  subject text NOT NULL,
  PRIMARY KEY (organisation, sequence)
);
CREATE TABLE counting.totals (
  organisation text COLLATE "C" PRIMARY KEY,
  events bigint NOT NULL,
  newest bigint NOT NULL
);
GRANT USAGE ON SCHEMA counting TO okr_projector;
GRANT SELECT, INSERT, UPDATE ON counting.events, counting.totals TO okr_projector;
