-- Appends a lane's group: the events and replies of several organisations, each decided on a head of its own.
-- One call, one commit. Answers, organisation by organisation:
--   appended        its events, replies and vault rows are written, its head has moved;
--   head_moved      somebody else appended since the decisions: fold the difference and decide again;
--   subject_known   a subject that was taken for new is not: read it, and decide again;
--   command_known   one of its commands has a stored reply: answer that one from the reply, decide the rest again.
-- An organisation that was not appended harms no other. An organisation is born by expecting sequence 0.
-- Heads are locked in one order by everybody, so that two lanes never wait for each other in a circle.
CREATE OR REPLACE FUNCTION ledger.append_groups(
  organisations text [],          -- each once
  expected_sequences bigint [],   -- the head that the organisation's commands were decided on
  epochs integer [],
  recorded_ats timestamptz [],    -- of the newest event after the append
  event_organisations integer [], -- 1-based index into organisations; events oldest first within each
  event_sequences bigint [],
  entries bytea [],
  datas bytea [],
  texts bytea [],
  data_secrets bytea [],
  text_secrets bytea [],
  traceparents text [],           -- the trace that each event was decided in, null where there was none
  subject_events integer [],      -- 1-based index into entries
  subjects text [],
  presumed_new boolean [],        -- whether the decision took it for granted that the subject has no events yet
  reply_organisations integer [],
  command_ids text [],
  content_salts bytea [],
  content_hashes bytea [],
  replies bytea [],
  vault_organisations integer [],
  person_ids text [],
  person_names text [],
  person_emails text []
) RETURNS TABLE (organisation text, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp
-- Few rows by key out of a table that only grows: a plan made while it was small must not scan it later.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
-- With so little left to choose, a plan for each call would only cost its making.
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  refused_by_reply text[];
  refused_by_subject text[];
  appended text[];
  stands boolean[]; -- as appended, by place
  counts bigint[];
BEGIN
  SELECT array_agg(n.events ORDER BY n.place) INTO counts
    FROM (
      SELECT o.place, count(e.place) AS events
        FROM generate_subscripts(append_groups.organisations, 1) AS o (place)
        LEFT JOIN unnest(append_groups.event_organisations) AS e (place) ON e.place = o.place
       GROUP BY o.place
    ) AS n;

  INSERT INTO ledger.heads (organisation, epoch, sequence, recorded_at)
  SELECT born.organisation, born.epoch, 0, born.recorded_at
    FROM unnest(append_groups.organisations, expected_sequences, epochs, recorded_ats)
      AS born (organisation, expected, epoch, recorded_at)
   WHERE born.expected = 0
   ORDER BY born.organisation COLLATE "C"
      ON CONFLICT DO NOTHING;

  PERFORM 1 FROM ledger.heads AS h
    WHERE h.organisation = ANY (append_groups.organisations) ORDER BY h.organisation FOR UPDATE;

  -- Under the locks nobody can add a reply to these organisations any more.
  SELECT coalesce(array_agg(DISTINCT known.organisation), '{}') INTO refused_by_reply
    FROM unnest(reply_organisations, command_ids) AS asked (place, command_id)
    JOIN ledger.replies AS known
      ON known.organisation = append_groups.organisations[asked.place] AND known.command_id = asked.command_id;

  -- Nor an event.
  SELECT coalesce(array_agg(DISTINCT known.organisation), '{}') INTO refused_by_subject
    FROM unnest(subject_events, subjects, presumed_new) AS asked (event, subject, is_new)
    JOIN ledger.event_subjects AS known
      ON known.organisation = append_groups.organisations[event_organisations[asked.event]]
     AND known.subject = asked.subject
   WHERE asked.is_new;

  WITH moved AS (
    UPDATE ledger.heads AS h
       SET sequence = h.sequence + wanted.events, epoch = wanted.epoch, recorded_at = wanted.recorded_at
      FROM unnest(append_groups.organisations, expected_sequences, epochs, recorded_ats, counts)
        AS wanted (organisation, expected, epoch, recorded_at, events)
     WHERE h.organisation = wanted.organisation
       AND h.sequence = wanted.expected
       AND (h.epoch = wanted.epoch OR h.sequence = 0)
       AND NOT wanted.organisation = ANY (refused_by_reply || refused_by_subject)
    RETURNING h.organisation
  )
  SELECT coalesce(array_agg(moved.organisation), '{}') INTO appended FROM moved;

  SELECT array_agg(o.organisation = ANY (appended) ORDER BY o.place) INTO stands
    FROM unnest(append_groups.organisations) WITH ORDINALITY AS o (organisation, place);

  INSERT INTO ledger.events (organisation, sequence, epoch, entry, data, text, data_secret, text_secret, traceparent)
  SELECT append_groups.organisations[e.place], e.sequence, epochs[e.place],
         e.entry, e.data, e.words, e.data_secret, e.text_secret, e.traceparent
    FROM unnest(event_organisations, event_sequences, entries, datas, texts, data_secrets, text_secrets, traceparents)
      AS e (place, sequence, entry, data, words, data_secret, text_secret, traceparent)
   WHERE stands[e.place];

  INSERT INTO ledger.event_subjects (organisation, subject, sequence)
  SELECT append_groups.organisations[event_organisations[s.event]], s.subject, event_sequences[s.event]
    FROM unnest(subject_events, subjects) AS s (event, subject)
   WHERE stands[event_organisations[s.event]];

  INSERT INTO ledger.replies (organisation, command_id, content_salt, content_hash, reply)
  SELECT append_groups.organisations[r.place], r.command_id, r.salt, r.hash, r.reply
    FROM unnest(reply_organisations, command_ids, content_salts, content_hashes, append_groups.replies)
      AS r (place, command_id, salt, hash, reply)
   WHERE stands[r.place];

  -- An empty name or address stays as it is; null is none. Nobody else changes them: the head is locked.
  INSERT INTO directory.people (organisation, person_id, name, email)
  SELECT append_groups.organisations[v.place], v.person_id,
         CASE v.name WHEN '' THEN p.name ELSE v.name END, CASE v.email WHEN '' THEN p.email ELSE v.email END
    FROM unnest(vault_organisations, person_ids, person_names, person_emails) AS v (place, person_id, name, email)
    LEFT JOIN directory.people AS p
      ON p.organisation = append_groups.organisations[v.place] AND p.person_id = v.person_id
   WHERE stands[v.place]
      ON CONFLICT (organisation, person_id) DO UPDATE SET name = excluded.name, email = excluded.email;

  -- Of somebody without name and address nothing is kept: that is how a person is erased.
  DELETE FROM directory.people AS p
   USING unnest(vault_organisations, person_ids) AS v (place, person_id)
   WHERE stands[v.place] AND p.organisation = append_groups.organisations[v.place] AND p.person_id = v.person_id
     AND p.name IS NULL AND p.email IS NULL;

  RETURN QUERY
  SELECT o.organisation,
         CASE WHEN o.organisation = ANY (appended) THEN 'appended'
              WHEN o.organisation = ANY (refused_by_reply) THEN 'command_known'
              WHEN o.organisation = ANY (refused_by_subject) THEN 'subject_known'
              ELSE 'head_moved' END
    FROM unnest(append_groups.organisations) AS o (organisation);
END $$;
ALTER FUNCTION ledger.append_groups OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.append_groups FROM public;
GRANT EXECUTE ON FUNCTION ledger.append_groups TO okr_ledger;
