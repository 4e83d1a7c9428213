package dsql.sql;

import dsql.action.Column;
import dsql.action.Column.Default;
import dsql.action.DefaultFunction;
import dsql.action.Value;
import dsql.sql.ValueEncoder.Use;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The default of a column, from the catalog or from a request, in a form that can be compared.
public sealed interface DefaultSql {

  /// No default, which means the same as the default NULL.
  record None() implements DefaultSql {}

  /// A call of a function, in lower case.
  record Call(String sql) implements DefaultSql {}

  /// A literal in text form; whether two of them are equal depends on the column's type.
  record Literal(String text) implements DefaultSql {}

  /// `'text'::type`, or a number or a keyword.
  Pattern LITERAL =
      Pattern.compile("\\(?(?:'((?:[^']++|'')*+)'|(-?[0-9.]+|true|false|NULL))\\)?(?:::[^']*)?");

  /// The default that a request gives.
  ///
  /// @param column a column whose literal has been checked
  static DefaultSql requested(Column column) {
    return switch (column.defaultValue().orElse(null)) {
      case null -> new None();
      case Default.Call(DefaultFunction function) -> call(function.sql());
      case Default.Literal(Value value) -> {
        try {
          String text = Parameter.text(ValueEncoder.encode(value, column.type(), Use.STORE));
          yield text == null ? new None() : new Literal(text);
        } catch (InvalidValue e) {
          throw new IllegalArgumentException(e);
        }
      }
    };
  }

  /// The default that the catalog has.
  static DefaultSql existing(Optional<String> expression) {
    if (expression.isEmpty()) {
      return new None();
    }
    Matcher literal = LITERAL.matcher(expression.get());
    if (!literal.matches()) {
      return call(expression.get());
    }
    if (literal.group(1) != null) {
      return new Literal(literal.group(1).replace("''", "'"));
    }
    return literal.group(2).equals("NULL") ? new None() : new Literal(literal.group(2));
  }

  /// A call, with `now()` under its other name. A cast is dropped, because it is always to the
  /// column's type.
  private static DefaultSql call(String expression) {
    String folded = expression.toLowerCase(Locale.ROOT);
    int cast = folded.indexOf("::");
    String bare = cast < 0 ? folded : folded.substring(0, cast);
    String call = bare.startsWith("(") ? bare.substring(1, bare.length() - 1) : bare;
    return new Call(call.equals("now()") ? "current_timestamp" : call);
  }
}
