package dsql.sql;

import java.util.Arrays;

/// A value to bind. Values are bound, never part of the SQL text.
public sealed interface Parameter {

  /// SQL NULL.
  record Null() implements Parameter {}

  /// A value in PostgreSQL's text form, of the type that the statement gives its place.
  record Text(String value) implements Parameter {}

  /// A number of the type numeric, whatever the type of its place: to compare an integer with what
  /// no integer can be.
  record Numeric(String digits) implements Parameter {}

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
