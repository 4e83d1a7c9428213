package dsql.sql;

import dsql.action.ColumnType;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A value to bind. Values are bound, never part of the SQL text.
public sealed interface Parameter {

  /// SQL NULL.
  record Null() implements Parameter {}

  /// A value in PostgreSQL's text form, whose type the server infers from its place in the
  /// statement.
  record Text(String value) implements Parameter {}

  /// A value in PostgreSQL's text form, sent with its type.
  ///
  /// @param type the type's name in the server's catalog, such as `int8`
  record Typed(String value, String type) implements Parameter {}

  /// A number of type numeric, whatever the type of its place, so that an integer can be compared
  /// with a number that no integer can be.
  static Parameter numeric(String digits) {
    return new Typed(digits, "numeric");
  }

  /// A number of type bigint.
  static Parameter bigint(long number) {
    return new Typed(Long.toString(number), "int8");
  }

  /// A value to compare a column of that type with. It is sent with its type if the driver knows
  /// that type without asking the server.
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

  /// The bytes of a bytea.
  final class Bytes implements Parameter {
    private final byte[] value;

    Bytes(byte[] value) {
      this.value = value;
    }

    /// The bytes. They are not a copy and must not be changed.
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

  /// The only instance of null.
  Parameter NULL = new Null();

  /// A parameter's text form; null for NULL.
  static @Nullable String text(Parameter parameter) {
    return switch (parameter) {
      case Null _ -> null;
      case Text(String text) -> text;
      case Typed(String text, String _) -> text;
      case Bytes bytes -> "\\x" + HexFormat.of().formatHex(bytes.value());
    };
  }

  /// The characters and bytes that parameters have together.
  static int length(List<Parameter> parameters) {
    int length = 0;
    for (Parameter parameter : parameters) {
      length +=
          switch (parameter) {
            case Null _ -> 0;
            case Text(String text) -> text.length();
            case Typed(String text, String _) -> text.length();
            case Bytes bytes -> bytes.value().length;
          };
    }
    return length;
  }
}
