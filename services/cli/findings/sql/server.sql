-- What the server is and how it is set, as far as the ledger rests on it; the time is that of the answer.
SELECT
  current_setting('server_version') AS version,
  current_setting('server_version_num')::integer AS version_number,
  current_setting('server_encoding') AS encoding,
  current_setting('fsync')::boolean AS fsync,
  current_setting('full_page_writes')::boolean AS full_page_writes,
  current_setting('synchronous_commit') AS synchronous_commit,
  pg_is_in_recovery() AS in_recovery,
  current_setting('max_connections')::integer AS most_connections,
  (SELECT sum(a.numbackends) FROM pg_stat_database AS a)::integer AS connections,
  pg_database_size(current_database()) AS size_bytes,
  clock_timestamp() AS its_time
