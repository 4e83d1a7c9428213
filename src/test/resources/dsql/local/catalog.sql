-- What Aurora DSQL has and PostgreSQL does not, run once by the superuser of a fresh server.

ALTER DATABASE postgres SET default_transaction_isolation = 'repeatable read';

CREATE ROLE admin WITH LOGIN CREATEROLE;
ALTER SCHEMA public OWNER TO admin;
GRANT CREATE ON DATABASE postgres TO admin;

CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 'PostgreSQL 16' $$;

CREATE SCHEMA sys;
GRANT USAGE ON SCHEMA sys TO PUBLIC;

CREATE TABLE sys.jobs (
  job_id text PRIMARY KEY,
  status text NOT NULL,
  details text,
  job_type text NOT NULL,
  class_id oid,
  object_id oid,
  object_name text,
  start_time timestamptz,
  update_time timestamptz
);
GRANT SELECT ON sys.jobs TO PUBLIC;

CREATE TABLE sys.iam_pg_role_mappings (
  iam_oid oid,
  arn text,
  pg_role_oid oid,
  pg_role_name text,
  grantor_pg_role_oid oid,
  grantor_pg_role_name text,
  PRIMARY KEY (pg_role_name, arn)
);
GRANT SELECT ON sys.iam_pg_role_mappings TO PUBLIC;

-- Called by the endpoint in the transaction that has just built an index on the table.
CREATE FUNCTION sys.submit_index_job(job text, indexed regclass) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO sys.jobs
  SELECT job, 'completed', NULL, 'INDEX_BUILD', 'pg_class'::regclass, i.indexrelid,
    n.nspname || '.' || c.relname, clock_timestamp(), clock_timestamp()
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE i.indrelid = indexed
  ORDER BY i.indexrelid DESC LIMIT 1 $$;

CREATE PROCEDURE sys.wait_for_job(IN job text, INOUT succeeded boolean DEFAULT NULL)
  LANGUAGE plpgsql AS $$
DECLARE
  state text;
BEGIN
  IF job !~ '^[a-z2-7]{26}$' THEN
    RAISE EXCEPTION 'Unable to convert text to UUID' USING ERRCODE = '22P02';
  END IF;
  LOOP
    SELECT status INTO state FROM sys.jobs WHERE job_id = job;
    EXIT WHEN state IS NULL OR state IN ('completed', 'failed');
    COMMIT;
    PERFORM pg_sleep(0.01);
  END LOOP;
  succeeded := coalesce(state = 'completed', false);
END $$;
