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

-- A table is its primary key's index, which holds every other column too. Under these names clients
-- find what the service's catalog says; the endpoint sends their questions here.
CREATE FUNCTION sys.included(index oid) RETURNS smallint[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(a.attnum ORDER BY a.attnum), '{}')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
  WHERE i.indexrelid = index AND i.indisprimary AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attnum <> ALL ((i.indkey::smallint[])[0:i.indnkeyatts - 1]) $$;

CREATE FUNCTION sys.include_clause(index oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(' INCLUDE (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')', '')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
  WHERE i.indexrelid = index AND a.attnum = ANY (sys.included(index)) $$;

CREATE VIEW sys.pg_index AS
  SELECT indexrelid, indrelid,
    CASE WHEN indisprimary THEN (indnkeyatts + cardinality(sys.included(indexrelid)))::int2
      ELSE indnatts END AS indnatts,
    indnkeyatts, indisunique, indnullsnotdistinct, indisprimary, indisexclusion, indimmediate,
    indisclustered, indisvalid, indcheckxmin, indisready, indislive, indisreplident,
    CASE WHEN indisprimary
      THEN (array_to_string((indkey::smallint[])[0:indnkeyatts - 1], ' ') || (
        SELECT coalesce(string_agg(' ' || a.attnum, '' ORDER BY a.attnum), '')
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attnum <> ALL ((i.indkey::smallint[])[0:i.indnkeyatts - 1])))::int2vector
      ELSE indkey END AS indkey,
    indcollation, indclass, indoption, indexprs, indpred
  FROM pg_catalog.pg_index i;
GRANT SELECT ON sys.pg_index TO PUBLIC;

CREATE VIEW sys.pg_am AS
  SELECT oid, amname, amhandler, amtype FROM pg_catalog.pg_am
  UNION ALL SELECT 16001, 'btree_index', NULL, 'i' UNION ALL SELECT 16002, 'btree_table', NULL, 't';
GRANT SELECT ON sys.pg_am TO PUBLIC;

-- PostgreSQL prints a key's INCLUDE itself where the index was made with one.
CREATE FUNCTION sys.printed(definition text, index oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN i.indisprimary
    THEN regexp_replace(definition, ' INCLUDE \(.*\)', '') || sys.include_clause(index)
    ELSE definition END
  FROM pg_catalog.pg_index i WHERE i.indexrelid = index $$;

CREATE FUNCTION sys.pg_get_indexdef(index oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT sys.printed(
    replace(pg_catalog.pg_get_indexdef(index), ' USING btree ', ' USING btree_index '), index) $$;

CREATE FUNCTION sys.pg_get_indexdef(index oid, part integer, pretty boolean) RETURNS text
  LANGUAGE sql STABLE AS $$
  SELECT CASE part WHEN 0
    THEN sys.printed(replace(pg_catalog.pg_get_indexdef(index, 0, pretty),
      ' USING btree ', ' USING btree_index '), index)
    ELSE pg_catalog.pg_get_indexdef(index, part, pretty) END $$;

CREATE FUNCTION sys.pg_get_constraintdef(constr oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE contype WHEN 'p' THEN sys.printed(pg_catalog.pg_get_constraintdef(constr), conindid)
    ELSE pg_catalog.pg_get_constraintdef(constr) END
  FROM pg_catalog.pg_constraint WHERE oid = constr $$;

CREATE FUNCTION sys.pg_get_constraintdef(constr oid, pretty boolean) RETURNS text
  LANGUAGE sql STABLE AS $$
  SELECT CASE contype
    WHEN 'p' THEN sys.printed(pg_catalog.pg_get_constraintdef(constr, pretty), conindid)
    ELSE pg_catalog.pg_get_constraintdef(constr, pretty) END
  FROM pg_catalog.pg_constraint WHERE oid = constr $$;

CREATE VIEW sys.pg_indexes AS
  SELECT schemaname, tablename, indexname, tablespace,
    sys.pg_get_indexdef(format('%I.%I', schemaname, indexname)::regclass) AS indexdef
  FROM pg_catalog.pg_indexes;
GRANT SELECT ON sys.pg_indexes TO PUBLIC;

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
    SELECT format_type(a.atttypid, NULL) INTO refused
    FROM pg_attribute a JOIN pg_index i ON i.indexrelid = a.attrelid
    WHERE attrelid = object AND attnum <= indnkeyatts
      AND atttypid = ANY ('{jsonb,bytea,interval,timetz}'::regtype[]);
    IF FOUND THEN
      RAISE EXCEPTION 'datatype % is not supported in a key', refused USING ERRCODE = '0A000';
    END IF;
    IF (SELECT sum(atttypmod - 4) > 2000 FROM pg_attribute a JOIN pg_index i ON i.indexrelid = a.attrelid
        WHERE attrelid = object AND attnum <= indnkeyatts AND atttypmod > 4
          AND atttypid = ANY ('{varchar,bpchar}'::regtype[])) THEN
      RAISE EXCEPTION 'key size greater than 2000 bytes not supported' USING ERRCODE = '54000';
    END IF;
    IF (SELECT count(*) FROM pg_index WHERE indrelid = target) > 24 THEN
      RAISE EXCEPTION 'more than 24 indexes per table are not allowed' USING ERRCODE = '54000';
    END IF;
    IF pending OR problem IS NOT NULL THEN
      UPDATE pg_index SET indisvalid = false WHERE indexrelid = object;
    END IF;
  END IF;
  IF problem LIKE 'could not create unique index%' THEN
    problem := 'found duplicate key(s) while validating index uniqueness';
  END IF;
  -- Those that ended are kept for half an hour.
  DELETE FROM sys.jobs
  WHERE status IN ('completed', 'failed') AND update_time < clock_timestamp() - interval '30 minutes';
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
    AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
    AND a.attname = ANY (string_to_array(names, E'\n'));
  IF FOUND THEN
    RAISE EXCEPTION 'cannot drop primary key column %', key USING ERRCODE = '0A000';
  END IF;
END $$;

-- What PostgreSQL calls the transaction at hand in the rows that it locks: statements run after a
-- savepoint, which has a number of its own.
CREATE TABLE sys.numbered (n int);
GRANT INSERT, SELECT ON sys.numbered TO PUBLIC;
CREATE FUNCTION sys.transaction_at_hand() RETURNS xid LANGUAGE plpgsql AS $$
DECLARE
  number xid;
BEGIN
  INSERT INTO sys.numbered VALUES (0) RETURNING xmin INTO number;
  RETURN number;
END $$;

-- Weighs rows and keys before they are written. It takes time, so it is enabled where it is asked for.
CREATE FUNCTION sys.weigh() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  written jsonb;
BEGIN
  IF pg_column_size(NEW) > 2 * 1024 * 1024 THEN
    RAISE EXCEPTION 'maximum row size exceeded' USING ERRCODE = '54000';
  END IF;
  written := to_jsonb(NEW);
  IF EXISTS (
      SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a
        ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
      WHERE i.indrelid = TG_RELID
      GROUP BY i.indexrelid
      HAVING sum(octet_length(written ->> a.attname)) > 1981) THEN
    RAISE EXCEPTION 'key size too large' USING ERRCODE = '54000';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION sys.weigh_new() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  made record;
BEGIN
  FOR made IN SELECT objid FROM pg_event_trigger_ddl_commands()
      WHERE object_type = 'table' AND schema_name <> 'pg_temp' LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER weigh BEFORE INSERT OR UPDATE ON %s FOR EACH ROW'
      ' EXECUTE FUNCTION sys.weigh()', made.objid::regclass);
  END LOOP;
END $$;
CREATE EVENT TRIGGER weigh ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
  EXECUTE FUNCTION sys.weigh_new();
ALTER EVENT TRIGGER weigh DISABLE;

-- Refuses a table after the thousandth.
CREATE FUNCTION sys.check_tables() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM pg_class c WHERE relkind = 'r' AND oid >= 16384
      AND relnamespace <> 'sys'::regnamespace AND relpersistence = 'p') >= 1000 THEN
    RAISE EXCEPTION 'creating more than 1000 tables not allowed' USING ERRCODE = '54000';
  END IF;
END $$;

-- Refuses to drop a table's primary key (names of constraints one a line).
CREATE FUNCTION sys.check_drop_constraint(target text, names text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_constraint c
      WHERE c.conrelid = to_regclass(target) AND c.contype = 'p'
        AND c.conname = ANY (string_to_array(names, E'\n'))) THEN
    RAISE EXCEPTION 'unsupported ALTER TABLE DROP CONSTRAINT statement' USING ERRCODE = '0A000';
  END IF;
END $$;

-- Refuses an eleventh schema, public not counted.
CREATE FUNCTION sys.check_schemas() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$|^sys$|^public$') >= 10 THEN
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
