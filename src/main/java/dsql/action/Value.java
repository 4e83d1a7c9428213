package dsql.action;

/// A value as the caller wrote it, before a column's type gives it a meaning. Numbers keep every
/// digit, because they are never turned into a `double`.
public sealed interface Value {

  /// JSON `null`, SQL NULL.
  record Null() implements Value {}

  /// JSON `true` or `false`.
  record Bool(boolean value) implements Value {}

  /// A JSON number.
  ///
  /// @param literal the digits as written
  record Num(String literal) implements Value {}

  /// A JSON string.
  record Text(String value) implements Value {}

  /// A JSON object or array.
  ///
  /// @param json its JSON text, numbers as written
  record Structure(String json) implements Value {}

  /// The only instance of null.
  Value NULL = new Null();
}
