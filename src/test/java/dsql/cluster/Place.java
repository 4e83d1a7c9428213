package dsql.cluster;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where cases run: a schema and the name of a role that nobody else uses, both removed in the end
/// with all that is in them, and so are schemas whose names begin with this one's and `_`.
///
/// The schema is one of its own, made here, or one of a user's who may make none; that must be
/// empty, so that all that is in it later was made here. Used by one thread.
public final class Place implements AutoCloseable {
  private static final int ATTEMPTS = 10;

  /// What is in the schema, in the order in which it can be dropped.
  private static final String CONTENT =
      """
      SELECT what, name FROM (
        SELECT CASE c.relkind WHEN 'v' THEN 1 WHEN 'r' THEN 2 ELSE 3 END AS turn,
          CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'r' THEN 'TABLE' ELSE 'SEQUENCE' END AS what,
          c.relname::text AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relkind IN ('v', 'r', 'S')
        UNION ALL
        SELECT 4, 'FUNCTION', p.proname::text
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ?
        UNION ALL
        SELECT 5, 'DOMAIN', t.typname::text
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = ? AND t.typtype = 'd') made
      ORDER BY turn, name\
      """;

  private final Sessions sessions;
  private final Steps steps;
  private final String schema;
  private final boolean own;
  private @Nullable Connection connection;

  private Place(Sessions sessions, Steps steps, String schema, boolean own) {
    this.sessions = sessions;
    this.steps = steps;
    this.schema = schema;
    this.own = own;
  }

  /// A place of its own, which takes the rights of `admin`.
  public static Place make(Sessions sessions, Steps steps) throws SQLException {
    byte[] bytes = new byte[8];
    new SecureRandom().nextBytes(bytes);
    StringBuilder name = new StringBuilder("dsql_check_");
    for (byte b : bytes) {
      name.append((char) ('a' + (b & 0xff) % 26));
    }
    Place place = new Place(sessions, steps, name.toString(), true);
    place.run("CREATE SCHEMA " + name);
    return place;
  }

  /// A user's own schema.
  ///
  /// @throws IllegalArgumentException where something is in it
  static Place in(String schema, Sessions sessions, Steps steps) throws SQLException {
    Place place = new Place(sessions, steps, schema, false);
    int content = place.content().size();
    if (content > 0) {
      throw new IllegalArgumentException(
          "Schema %s holds %d objects: give an empty one, for all that is in it is removed."
              .formatted(schema, content));
    }
    return place;
  }

  public String schema() {
    return schema;
  }

  /// A role's name; the role exists where a case makes it.
  String role() {
    return schema + "_role";
  }

  /// The text with this place's names in it.
  String named(String text) {
    return text.replace("{schema}", schema).replace("{role}", role());
  }

  /// Removes all that the cases made, but the schema.
  void clean() throws SQLException {
    if (own) {
      for (String other :
          query("SELECT nspname FROM pg_namespace WHERE nspname LIKE ?", schema + "\\_%")) {
        run("DROP SCHEMA " + quoted(other) + " CASCADE");
      }
    }
    List<String> content = content();
    if (!content.isEmpty() && own) {
      run("DROP SCHEMA " + schema + " CASCADE");
      run("CREATE SCHEMA " + schema);
    } else {
      for (String made : content) {
        run("DROP " + made + " CASCADE");
      }
    }
    if (own) {
      dropRole();
    }
  }

  private List<String> content() throws SQLException {
    List<String> content = new ArrayList<>();
    for (String made : query(CONTENT, schema, schema, schema)) {
      int bar = made.indexOf('|');
      content.add(
          made.substring(0, bar)
              + " IF EXISTS "
              + quoted(schema)
              + "."
              + quoted(made.substring(bar + 1)));
    }
    return content;
  }

  private void dropRole() throws SQLException {
    if (!query("SELECT rolname FROM pg_roles WHERE rolname = ?", role()).isEmpty()) {
      for (String arn :
          query("SELECT arn FROM sys.iam_pg_role_mappings WHERE pg_role_name = ?", role())) {
        run("AWS IAM REVOKE " + role() + " FROM '" + arn.replace("'", "''") + "'");
      }
      run("DROP ROLE " + role());
    }
  }

  /// Removes everything.
  @Override
  public void close() throws SQLException {
    try {
      clean();
      if (own) {
        run("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
      }
    } catch (SQLException e) {
      throw new SQLException(
          "Not all that was made could be removed; look for schemas and roles named "
              + schema
              + ".",
          e.getSQLState(),
          e);
    } finally {
      disconnect();
    }
  }

  /// The rows of a query, each with its values between bars.
  List<String> query(String sql, String... parameters) throws SQLException {
    return persistently(open -> {
      try (PreparedStatement statement = open.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setString(i + 1, parameters[i]);
        }
        List<String> rows = new ArrayList<>();
        try (ResultSet set = statement.executeQuery()) {
          while (set.next()) {
            String row = set.getString(1);
            for (int i = 2; i <= set.getMetaData().getColumnCount(); i++) {
              row += "|" + set.getString(i);
            }
            rows.add(row);
          }
        }
        return rows;
      }
    });
  }

  private void run(String sql) throws SQLException {
    persistently(open -> {
      try (Statement statement = open.createStatement()) {
        return List.of(Boolean.toString(statement.execute(sql)));
      }
    });
  }

  private interface Work {
    List<String> with(Connection open) throws SQLException;
  }

  /// Conflicts come at any statement, and connections end.
  private List<String> persistently(Work work) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        Connection open = connection == null ? steps.open(sessions) : connection;
        connection = open;
        steps.begin(open);
        return work.with(open);
      } catch (SQLException e) {
        boolean conflict = "40001".equals(e.getSQLState());
        if (attempt == ATTEMPTS || !(conflict || Answer.of(e) instanceof Answer.Lost)) {
          throw e;
        }
        if (!conflict) {
          disconnect();
        }
        steps.pause(attempt);
      }
    }
  }

  private void disconnect() throws SQLException {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
