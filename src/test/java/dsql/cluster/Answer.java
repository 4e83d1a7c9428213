package dsql.cluster;

import dsql.local.ConformanceTable.Expected;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// What a statement answered.
public sealed interface Answer {

  /// Rows, each with its values between bars.
  record Rows(List<String> rows) implements Answer {
    @Override
    public String toString() {
      return rows.isEmpty()
          ? "no rows"
          : rows.stream().map(row -> "= " + row).collect(Collectors.joining(" "));
    }
  }

  /// How many rows were changed.
  record Count(int count) implements Answer {
    @Override
    public String toString() {
      return "n " + count;
    }
  }

  /// An error of the server's; what it does not say is empty.
  ///
  /// @param names its fields with the names of what it is about
  record Failed(String state, String message, String detail, String hint, List<String> names)
      implements Answer {
    public Failed {
      names = List.copyOf(names);
    }

    @Override
    public String toString() {
      return "! " + state + " " + message;
    }
  }

  /// No answer at all: the connection's end, or the time that a statement has.
  record Lost(String message) implements Answer {
    @Override
    public String toString() {
      return "no answer: " + message;
    }
  }

  /// The answer of a statement that was executed.
  static Answer of(Statement statement, boolean rows) throws SQLException {
    if (!rows) {
      return new Count(statement.getUpdateCount());
    }
    List<String> read = new ArrayList<>();
    try (ResultSet set = statement.getResultSet()) {
      int columns = set.getMetaData().getColumnCount();
      while (set.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          String value = set.getString(i);
          row.add(value == null ? "∅" : value);
        }
        read.add(String.join("|", row));
      }
    }
    return new Rows(read);
  }

  /// The answer that a failure is.
  static Answer of(SQLException failure) {
    ServerErrorMessage error =
        failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
    return error == null
        ? new Lost(String.valueOf(failure.getMessage()))
        : new Failed(
            text(error.getSQLState()),
            text(error.getMessage()),
            text(error.getDetail()),
            text(error.getHint()),
            Stream.of(error.getSchema(), error.getTable(), error.getColumn(), error.getConstraint())
                .map(Answer::text)
                .toList());
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /// Is it what was expected?
  default boolean holds(Expected expected) {
    return switch (expected) {
      case Expected.Anything _ -> true;
      case Expected.Success _ -> this instanceof Rows || this instanceof Count;
      case Expected.Rows(List<String> rows) -> equals(new Rows(rows));
      case Expected.Count count -> equals(new Count(count.count()));
      case Expected.Failed failed ->
          this instanceof Failed(String state, String message, _, _, _)
              && failed.matches(state, message);
    };
  }

  /// A conflict with a change of the catalog, which anybody's change anywhere in a cluster causes.
  default boolean isStale() {
    return this instanceof Failed(String state, String message, _, _, _)
        && state.equals("40001")
        && message.contains("OC001");
  }
}
