-- What Aurora DSQL has and PostgreSQL does not, run once by the superuser of a fresh server.

ALTER DATABASE postgres SET default_transaction_isolation = 'repeatable read';

CREATE ROLE admin WITH LOGIN CREATEROLE;
ALTER SCHEMA public OWNER TO admin;
GRANT CREATE ON DATABASE postgres TO admin;

CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 'PostgreSQL 16' $$;

ALTER DATABASE postgres SET default_text_search_config = 'simple';
DROP TEXT SEARCH CONFIGURATION pg_catalog.english;

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

-- Is there anything of that name beside a table?
CREATE FUNCTION sys.is_taken(target text, name text) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (
    SELECT FROM pg_class t JOIN pg_class c ON c.relnamespace = t.relnamespace
    WHERE t.oid = to_regclass(target) AND c.relname = name) $$;

-- Called by the endpoint in a client's own transaction and with its rights. False if there is no
-- job, for what was to be made is there.
CREATE FUNCTION sys.run_job(
    job text, type text, command text, otherwise text, target text, pending text, unless text)
  RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  problem text;
  place text;
BEGIN
  IF unless <> '' AND sys.is_taken(target, unless) THEN
    RETURN false;
  END IF;
  BEGIN
    EXECUTE command;
  EXCEPTION WHEN unique_violation OR check_violation OR foreign_key_violation THEN
    GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT, place = SCHEMA_NAME;
    -- The catalog's own keys: another session is creating the same.
    IF place = 'pg_catalog' THEN
      RAISE;
    END IF;
    IF otherwise <> '' THEN
      EXECUTE otherwise;
    END IF;
  WHEN undefined_object THEN
    IF SQLERRM LIKE 'data type json has no default operator class%' THEN
      RAISE EXCEPTION 'datatype json is not supported in a key' USING ERRCODE = '0A000';
    END IF;
    RAISE;
  END;
  PERFORM sys.record_job(job, type, target::regclass, problem, pending::boolean);
  RETURN true;
END $$;

-- The newest index of the table is the one just built.
CREATE FUNCTION sys.record_job(
    job text, type text, target regclass, problem text, pending boolean) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  object oid := target;
  refused text;
BEGIN
  IF type = 'INDEX_BUILD' THEN
    SELECT max(indexrelid) INTO object FROM pg_index WHERE indrelid = target;
    SELECT format_type(atttypid, NULL) INTO refused FROM pg_attribute
    WHERE attrelid = object AND atttypid = ANY ('{jsonb,bytea,interval,timetz}'::regtype[]);
    IF FOUND THEN
      RAISE EXCEPTION 'datatype % is not supported in a key', refused USING ERRCODE = '0A000';
    END IF;
    IF (SELECT count(*) FROM pg_index WHERE indrelid = target) > 24 THEN
      RAISE EXCEPTION 'more than 24 indexes per table are not allowed' USING ERRCODE = '54000';
    END IF;
    IF pending OR problem IS NOT NULL THEN
      UPDATE pg_index SET indisvalid = false WHERE indexrelid = object;
    END IF;
  END IF;
  INSERT INTO sys.jobs
  SELECT job, CASE WHEN pending THEN 'submitted' WHEN problem IS NULL THEN 'completed'
      ELSE 'failed' END, problem, type,
    'pg_class'::regclass, c.oid, n.nspname || '.' || c.relname, clock_timestamp(),
    clock_timestamp()
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = object;
END $$;

-- Tells the end of jobs submitted so long ago, and how many they are.
CREATE FUNCTION sys.finish_jobs(delay interval) RETURNS bigint
  LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH due AS (
    UPDATE sys.jobs
    SET status = CASE WHEN details IS NULL THEN 'completed' ELSE 'failed' END,
      update_time = clock_timestamp()
    WHERE status = 'submitted' AND start_time + delay <= clock_timestamp()
    RETURNING object_id, status),
  valid AS (
    UPDATE pg_index SET indisvalid = true FROM due
    WHERE indexrelid = due.object_id AND due.status = 'completed' RETURNING 1)
  SELECT count(*) FROM due $$;
REVOKE EXECUTE ON FUNCTION sys.finish_jobs FROM PUBLIC;

-- Refuses to drop a column (names one a line) of a table's primary key.
CREATE FUNCTION sys.check_drop(target text, names text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  key text;
BEGIN
  SELECT a.attname INTO key
  FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
  WHERE i.indrelid = to_regclass(target) AND i.indisprimary
    AND a.attname = ANY (string_to_array(names, E'\n'));
  IF FOUND THEN
    RAISE EXCEPTION 'cannot drop primary key column %', key USING ERRCODE = '0A000';
  END IF;
END $$;

-- Refuses an eleventh schema.
CREATE FUNCTION sys.check_schemas() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$|^sys$') >= 10 THEN
    RAISE EXCEPTION 'more than 10 schemas not allowed' USING ERRCODE = '54000';
  END IF;
END $$;

CREATE FUNCTION sys.map_role(role text, arn text, granted text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  login boolean;
BEGIN
  IF current_setting('role') NOT IN ('none', 'admin') OR session_user NOT IN ('admin', 'postgres') THEN
    RAISE EXCEPTION 'permission denied to grant IAM trust with role' USING ERRCODE = '42501';
  END IF;
  SELECT rolcanlogin INTO login FROM pg_roles WHERE rolname = role;
  IF login IS NULL THEN
    RAISE EXCEPTION 'Role % does not exist', role USING ERRCODE = '42704';
  ELSIF NOT login THEN
    RAISE EXCEPTION 'role % must have the LOGIN attribute', role USING ERRCODE = '42501';
  END IF;
  DELETE FROM sys.iam_pg_role_mappings m WHERE m.pg_role_name = role AND m.arn = map_role.arn;
  IF granted::boolean THEN
    INSERT INTO sys.iam_pg_role_mappings
    SELECT coalesce(max(iam_oid::bigint), 26397) + 1, map_role.arn, quote_ident(role)::regrole, role,
      'admin'::regrole, 'admin'
    FROM sys.iam_pg_role_mappings;
  END IF;
END $$;

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
