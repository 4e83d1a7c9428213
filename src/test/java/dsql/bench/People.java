package dsql.bench;

import dsql.Tables;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/// The table that rows go into and come from, and the events for it.
final class People {

  static final String COLUMNS =
      "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(30), city varchar(80),"
          + " telephone varchar(20)";

  private static final String PERSON =
      "{\"name\":\"John Doe\",\"city\":\"Anytown\",\"telephone\":\"555-555-1999\"}";

  private People() {}

  static void create(LocalDsql dsql, String table) throws SQLException {
    Tables.fresh(dsql, table, COLUMNS);
  }

  /// A table of that many people.
  static void create(LocalDsql dsql, String table, int rows) throws SQLException {
    create(dsql, table);
    Tables.run(
        dsql,
        "INSERT INTO public."
            + table
            + " (name, city, telephone) SELECT 'John Doe ' || i, 'Anytown', '555-555-' || i FROM"
            + " generate_series(1, "
            + rows
            + ") i");
    Tables.run(dsql, "ANALYZE public." + table);
  }

  static String insert(String table) {
    return "{\"action\":\"insert\",\"table\":\""
        + table
        + "\",\"rows\":["
        + PERSON
        + "],\"returning\":[\"id\"]}";
  }

  static String keyed(String table, String key) {
    String insert = insert(table);
    return insert.substring(0, insert.length() - 1) + ",\"idempotencyKey\":\"" + key + "\"}";
  }

  static String query(String table, int limit) {
    return "{\"action\":\"query\",\"table\":\""
        + table
        + "\",\"select\":[\"id\",\"name\",\"city\",\"telephone\"],"
        + "\"orderBy\":[{\"column\":\"id\"}],\"limit\":"
        + limit
        + "}";
  }

  /// An action as an HTTP API hands it over.
  static String overHttp(String action) {
    return "{\"version\":\"2.0\",\"routeKey\":\"ANY /\",\"rawPath\":\"/\",\"rawQueryString\":\"\","
        + "\"headers\":{\"content-type\":\"application/json\",\"host\":\"example.com\"},"
        + "\"requestContext\":{\"accountId\":\"123456789012\",\"http\":{\"method\":\"POST\","
        + "\"path\":\"/\",\"protocol\":\"HTTP/1.1\",\"sourceIp\":\"192.0.2.1\"},"
        + "\"requestId\":\"r\",\"stage\":\"$default\",\"timeEpoch\":1700000000000},\"body\":\""
        + action.replace("\\", "\\\\").replace("\"", "\\\"")
        + "\",\"isBase64Encoded\":false}";
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
