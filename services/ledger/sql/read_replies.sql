-- The stored replies to the commands asked for, with what their content is compared by.
CREATE OR REPLACE FUNCTION ledger.read_replies(
  organisations text [],
  command_ids text []      -- two arrays of the same length: a row each
) RETURNS TABLE (organisation text, command_id text, content_salt bytea, content_hash bytea, reply bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
-- Few rows by key out of a table that only grows: a plan made while it was small must not scan it later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT r.organisation, r.command_id, r.content_salt, r.content_hash, r.reply
    FROM unnest(read_replies.organisations, read_replies.command_ids) AS asked (organisation, command_id)
    JOIN ledger.replies AS r ON r.organisation = asked.organisation AND r.command_id = asked.command_id
$$;
ALTER FUNCTION ledger.read_replies OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.read_replies FROM public;
GRANT EXECUTE ON FUNCTION ledger.read_replies TO okr_ledger;
