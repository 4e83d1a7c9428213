package dsql.db;

import dsql.action.ColumnType.Base;
import dsql.action.Result.ColumnHead;
import dsql.json.JsonWriter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGInterval;

/// Writes rows as JSON objects while they are read. Safe for concurrent use.
final class RowReader {

  private final List<ColumnHead> columns;

  /// @param columns of the result, in order
  RowReader(List<ColumnHead> columns) {
    this.columns = columns;
  }

  /// Writes the current row.
  void write(ResultSet row, JsonWriter out) throws SQLException {
    out.beginObject();
    for (int i = 0; i < columns.size(); i++) {
      ColumnHead column = columns.get(i);
      out.name(column.name());
      write(row, i + 1, column.type().base(), out);
    }
    out.endObject();
  }

  private static void write(ResultSet row, int i, Base base, JsonWriter out) throws SQLException {
    switch (base) {
      case SMALLINT, INTEGER -> {
        int value = row.getInt(i);
        out.literal(row.wasNull() ? "null" : Integer.toString(value));
      }
      case REAL -> {
        float value = row.getFloat(i);
        floating(row.wasNull(), value, Float.toString(value), out);
      }
      case DOUBLE -> {
        double value = row.getDouble(i);
        floating(row.wasNull(), value, Double.toString(value), out);
      }
      case BOOLEAN -> {
        boolean value = row.getBoolean(i);
        out.literal(row.wasNull() ? "null" : Boolean.toString(value));
      }
      // A bigint is a string too: a reader's doubles would round it.
      case BIGINT, NUMERIC, CHAR, BPCHAR, VARCHAR, TEXT, TIME, UUID, OTHER ->
          text(row.getString(i), out);
      case DATE -> {
        LocalDate value = row.getObject(i, LocalDate.class);
        text(value == null ? null : IsoText.of(value), out);
      }
      case TIMETZ -> {
        OffsetTime value = row.getObject(i, OffsetTime.class);
        text(value == null ? null : IsoText.of(value), out);
      }
      case TIMESTAMP -> {
        LocalDateTime value = row.getObject(i, LocalDateTime.class);
        text(value == null ? null : IsoText.of(value), out);
      }
      case TIMESTAMPTZ -> {
        OffsetDateTime value = row.getObject(i, OffsetDateTime.class);
        text(value == null ? null : IsoText.of(value), out);
      }
      case INTERVAL -> {
        PGInterval value = row.getObject(i, PGInterval.class);
        text(value == null ? null : IsoText.of(value), out);
      }
      case BYTEA -> {
        byte[] value = row.getBytes(i);
        text(value == null ? null : Base64.getEncoder().encodeToString(value), out);
      }
      case JSON, JSONB -> {
        String value = row.getString(i);
        if (value == null) {
          out.nullValue();
        } else {
          out.json(value);
        }
      }
    }
  }

  private static void floating(boolean isNull, double value, String text, JsonWriter out) {
    if (isNull) {
      out.nullValue();
    } else if (Double.isFinite(value)) {
      out.literal(text);
    } else {
      out.value(text);
    }
  }

  private static void text(@Nullable String value, JsonWriter out) {
    if (value == null) {
      out.nullValue();
    } else {
      out.value(value);
    }
  }
}
