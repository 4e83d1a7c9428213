package dsql.sql;

import dsql.action.ColumnType;
import java.util.Arrays;

/// A value to bind. Values are bound, never part of the SQL text.
public sealed interface Parameter {

  /// SQL NULL.
  record Null() implements Parameter {}

  /// A value in PostgreSQL's text form, of the type that the statement gives its place.
  record Text(String value) implements Parameter {}

  /// A value in PostgreSQL's text form, of a type that is told with it.
  ///
  /// @param type the name that the server's catalog has for it, such as `int8`
  record Typed(String value, String type) implements Parameter {}

  /// A number of the type numeric, whatever the type of its place: to compare an integer with what
  /// no integer can be.
  static Parameter numeric(String digits) {
    return new Typed(digits, "numeric");
  }

  /// The number of type bigint.
  static Parameter bigint(long number) {
    return new Typed(Long.toString(number), "int8");
  }

  /// A value to compare a column of that type with. Its type is told where the driver knows the
  /// type without asking the server.
  static Parameter of(String value, ColumnType type) {
    String name =
        switch (type.base()) {
          case SMALLINT -> "int2";
          case INTEGER -> "int4";
          case BIGINT -> "int8";
          case REAL -> "float4";
          case DOUBLE -> "float8";
          case NUMERIC -> "numeric";
          case CHAR, BPCHAR -> "bpchar";
          case VARCHAR -> "varchar";
          case TEXT -> "text";
          case DATE -> "date";
          case TIME -> "time";
          case TIMETZ -> "timetz";
          case TIMESTAMP -> "timestamp";
          case TIMESTAMPTZ -> "timestamptz";
          case BOOLEAN -> "bool";
          case UUID -> "uuid";
          case INTERVAL, BYTEA, JSON, JSONB, OTHER -> "";
        };
    return name.isEmpty() ? new Text(value) : new Typed(value, name);
  }

  /// Bytes of a bytea.
  final class Bytes implements Parameter {
    private final byte[] value;

    Bytes(byte[] value) {
      this.value = value;
    }

    /// The bytes. Not a copy: they are not to be changed.
    public byte[] value() {
      return value;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }
  }

  /// The one null.
  Parameter NULL = new Null();
}
