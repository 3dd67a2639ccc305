-- Which of the commands asked for are known, their replies, and the words of the last event of each.
CREATE OR REPLACE FUNCTION ledger.find_replies(organisation text, command_ids text [])
RETURNS TABLE (command_id text, reply bytea, words bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
-- Few rows by key out of a table that only grows: a plan made while it was small must not scan it later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  SELECT r.command_id, r.reply, e.text
    FROM unnest(find_replies.command_ids) AS asked (command_id)
    JOIN ledger.replies AS r ON r.organisation = find_replies.organisation AND r.command_id = asked.command_id
    LEFT JOIN ledger.events AS e
      ON e.organisation = r.organisation
     AND e.sequence = (convert_from(r.reply, 'UTF8')::json ->> 'sequence')::bigint
     AND json_array_length(convert_from(r.reply, 'UTF8')::json -> 'events') > 0
$$;
ALTER FUNCTION ledger.find_replies OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.find_replies FROM public;
GRANT EXECUTE ON FUNCTION ledger.find_replies TO okr_ledger;
