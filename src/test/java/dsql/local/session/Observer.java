package dsql.local.session;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Looks at PostgreSQL from outside any session, as the superuser, over one connection of its own.
///
/// Safe for concurrent use, one question at a time.
final class Observer implements AutoCloseable {
  private final DataSource superuser;
  private @Nullable Connection connection;

  Observer(DataSource superuser) {
    this.superuser = superuser;
  }

  /// Whose locks this backend waits for.
  synchronized List<Integer> blockersOf(int pid) {
    try (PreparedStatement ask =
        connection().prepareStatement("SELECT unnest(pg_blocking_pids(?))")) {
      ask.setInt(1, pid);
      List<Integer> pids = new ArrayList<>();
      try (ResultSet rows = ask.executeQuery()) {
        while (rows.next()) {
          pids.add(rows.getInt(1));
        }
      }
      return pids;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Cancels what this backend is doing, if anything.
  synchronized void cancel(int pid) {
    run("SELECT pg_cancel_backend(" + pid + ")");
  }

  synchronized void run(String sql) {
    try (PreparedStatement statement = connection().prepareStatement(sql)) {
      statement.execute();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Tells the end of jobs submitted so long ago; how many they were.
  synchronized long finishJobs(Duration delay) {
    try (PreparedStatement ask =
        connection().prepareStatement("SELECT sys.finish_jobs(? * interval '1 millisecond')")) {
      ask.setLong(1, delay.toMillis());
      try (ResultSet row = ask.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Is there anything of that name beside a table?
  synchronized boolean isTaken(String table, String name) {
    try (PreparedStatement ask = connection().prepareStatement("SELECT sys.is_taken(?, ?)")) {
      ask.setString(1, table);
      ask.setString(2, name);
      try (ResultSet row = ask.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// May this role be used through IAM?
  synchronized boolean isMapped(String role) {
    try (PreparedStatement ask =
        connection()
            .prepareStatement(
                "SELECT EXISTS (SELECT FROM sys.iam_pg_role_mappings WHERE pg_role_name = ?)")) {
      ask.setString(1, role);
      try (ResultSet row = ask.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A table a copy can be made of: how to make it, in the copying session.
  record Copyable(String schema, String name, List<String> statements) {}

  /// The user tables among some names, each with the SQL of a temporary copy of it.
  ///
  /// Identity columns draw from the original's sequence; generated ones are left to themselves.
  synchronized List<Copyable> copyable(Collection<String> names) {
    String sql =
        """
        SELECT n.nspname, c.relname,
          format('CREATE TEMP TABLE %1$I (LIKE %2$I.%1$I INCLUDING ALL EXCLUDING IDENTITY)',
            c.relname, n.nspname),
          ARRAY(SELECT format('ALTER TABLE pg_temp.%I ALTER %I SET DEFAULT nextval(%L::regclass)',
                c.relname, a.attname,
                pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity <> ''),
          (SELECT format('INSERT INTO pg_temp.%1$I (%3$s) SELECT %3$s FROM %2$I.%1$I',
              c.relname, n.nspname, string_agg(quote_ident(a.attname), ', '))
            FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0
              AND NOT a.attisdropped AND a.attgenerated = '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relname = ANY (?)
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sys')
          AND n.nspname NOT LIKE 'pg_t%'
        """;
    try (PreparedStatement ask = connection().prepareStatement(sql)) {
      Array array = connection().createArrayOf("text", names.toArray());
      ask.setArray(1, array);
      List<Copyable> found = new ArrayList<>();
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          List<String> statements = new ArrayList<>();
          statements.add(row.getString(3));
          statements.addAll(List.of((String[]) row.getArray(4).getArray()));
          String fill = row.getString(5);
          if (fill != null) {
            statements.add(fill);
          }
          found.add(new Copyable(row.getString(1), row.getString(2), statements));
        }
      }
      return found;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// For the user tables among some names, each an UPDATE that leaves the rows that the transaction
  /// at hand has locked as they are.
  synchronized List<String> touches(Collection<String> names) {
    if (names.isEmpty()) {
      return List.of();
    }
    String sql =
        """
        SELECT format('UPDATE %1$I.%2$I SET %3$I = %3$I WHERE xmax = (SELECT sys.transaction_at_hand())',
          n.nspname, c.relname, min(a.attname))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relname = ANY (?) AND n.nspname <> 'sys'
          AND n.nspname !~ '^pg_|^information_schema$'
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
        GROUP BY n.nspname, c.relname
        """;
    try (PreparedStatement ask = connection().prepareStatement(sql)) {
      ask.setArray(1, connection().createArrayOf("text", names.toArray()));
      List<String> touches = new ArrayList<>();
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          touches.add(row.getString(1));
        }
      }
      return touches;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = superuser.getConnection();
      connection = open;
    }
    return open;
  }

  @Override
  public synchronized void close() throws SQLException {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
