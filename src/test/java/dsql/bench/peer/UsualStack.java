package dsql.bench.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// HikariCP, databind and the runtime's own maps, doing what the function does: an insert with
/// `returning`, the same once per key, a page of a table. No checks, no retries, no limits. Safe
/// for concurrent use.
public final class UsualStack implements AutoCloseable {

  private final HikariDataSource pool;
  private final ObjectMapper mapper = new ObjectMapper();
  private final boolean readOnly;

  /// @param readOnly whether queries run in read-only transactions, or commit themselves
  /// @param environment `CLUSTER_ENDPOINT` and `AWS_REGION`
  /// @param connections of the pool at most
  public UsualStack(Map<String, String> environment, int connections, boolean readOnly) {
    this.readOnly = readOnly;
    HikariConfig config = new HikariConfig();
    config.setDataSource(new TokenDataSource(environment));
    config.setMaximumPoolSize(connections);
    // As advised for Lambda: none opened ahead of need, none kept past the service's hour.
    config.setMinimumIdle(Math.min(1, connections));
    config.setMaxLifetime(Duration.ofMinutes(55).toMillis());
    config.setIdleTimeout(Duration.ofMinutes(10).toMillis());
    config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
    pool = new HikariDataSource(config);
  }

  /// The reply to an HTTP API's event, or to an action object itself.
  public Map<String, Object> handle(Map<String, Object> event) {
    try {
      if (!(event.get("body") instanceof String body)) {
        return run(mapper.convertValue(event, Action.class));
      }
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("statusCode", 200);
      reply.put("headers", Map.of("content-type", "application/json"));
      reply.put("body", mapper.writeValueAsString(run(mapper.readValue(body, Action.class))));
      reply.put("isBase64Encoded", false);
      return reply;
    } catch (SQLException | JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, Object> run(Action action) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return switch (action.action()) {
        case "insert" -> {
          String key = action.idempotencyKey();
          yield key == null
              ? inserted(action, insert(connection, action))
              : keyed(connection, action, key);
        }
        case "query" -> readOnly ? inTransaction(connection, action) : query(connection, action);
        default -> throw new IllegalArgumentException(action.action());
      };
    }
  }

  private static Map<String, Object> inserted(Action action, List<Map<String, Object>> rows) {
    int count = action.rowsOrNone().size();
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("received", count);
    counts.put("written", count);
    counts.put("skipped", 0);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("action", "insert");
    result.put("table", action.table());
    result.put("outcome", "committed");
    result.put("replayed", false);
    result.put("attempts", 1);
    result.put("counts", counts);
    result.put("rows", rows);
    return result;
  }

  private static List<Map<String, Object>> insert(Connection connection, Action action)
      throws SQLException {
    List<Map<String, Object>> rows = action.rowsOrNone();
    List<String> columns = List.copyOf(rows.getFirst().keySet());
    String values = "(" + "?,".repeat(columns.size() - 1) + "?)";
    String text =
        "INSERT INTO public."
            + action.table()
            + " ("
            + String.join(", ", columns)
            + ") VALUES "
            + rows.stream().map(_ -> values).collect(Collectors.joining(", "))
            + " RETURNING "
            + String.join(", ", action.returningOrNone());
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      int at = 1;
      for (Map<String, Object> row : rows) {
        for (String column : columns) {
          statement.setObject(at++, row.get(column));
        }
      }
      try (ResultSet result = statement.executeQuery()) {
        return rows(result);
      }
    }
  }

  /// In one transaction with the key.
  private Map<String, Object> keyed(Connection connection, Action action, String key)
      throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement ledger =
        connection.prepareStatement("INSERT INTO public.usual_keys (key, reply) VALUES (?, ?)")) {
      Map<String, Object> result = inserted(action, insert(connection, action));
      ledger.setString(1, key);
      ledger.setString(2, mapper.writeValueAsString(result));
      ledger.executeUpdate();
      connection.commit();
      return result;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /// As the function reads, in a read-only transaction.
  private static Map<String, Object> inTransaction(Connection connection, Action action)
      throws SQLException {
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    try {
      Map<String, Object> reply = query(connection, action);
      connection.commit();
      return reply;
    } finally {
      connection.setAutoCommit(true);
      connection.setReadOnly(false);
    }
  }

  private static Map<String, Object> query(Connection connection, Action action)
      throws SQLException {
    int limit = action.limit() == null ? 100 : action.limit();
    String text =
        "SELECT "
            + String.join(", ", action.selectOrNone())
            + " FROM public."
            + action.table()
            + " ORDER BY id LIMIT ?";
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      statement.setInt(1, limit);
      try (ResultSet result = statement.executeQuery()) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("action", "query");
        reply.put("table", action.table());
        reply.put("rows", rows(result));
        return reply;
      }
    }
  }

  private static List<Map<String, Object>> rows(ResultSet result) throws SQLException {
    int columns = result.getMetaData().getColumnCount();
    List<Map<String, Object>> rows = new ArrayList<>();
    while (result.next()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int i = 1; i <= columns; i++) {
        row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
      }
      rows.add(row);
    }
    return rows;
  }

  @Override
  public void close() {
    pool.close();
  }
}
