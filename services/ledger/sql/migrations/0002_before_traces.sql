-- Before deploy. Each event remembers the trace that it was decided in, for the publisher to carry on.
-- A column without a default is added without rewriting the table; whoever appends waits at most this long for it.
SET lock_timeout = '10s';

ALTER TABLE ledger.events ADD COLUMN traceparent text;
COMMENT ON COLUMN ledger.events.traceparent IS
'The W3C trace context of the request, null where it had none. Not part of the entry: nothing rests on it.';

-- It takes one argument more from now on, and nothing was released that calls the other. A database made before this
-- step would keep both.
DROP FUNCTION IF EXISTS ledger.append_groups (
  text [], bigint [], integer [], timestamptz [], integer [], bigint [], bytea [], bytea [], bytea [], bytea [],
  bytea [], integer [], text [], integer [], text [], bytea [], bytea [], bytea [], integer [], text [], text [],
  text []
);
