package dsql.action;

import dsql.action.ColumnType.Base;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The functions that a column's default may call. The list is closed, so that no SQL text of a
/// caller is ever executed.
public enum DefaultFunction {
  GEN_RANDOM_UUID("gen_random_uuid()", EnumSet.of(Base.UUID)),
  NOW("now()", EnumSet.of(Base.TIMESTAMPTZ, Base.TIMESTAMP, Base.DATE, Base.TIME, Base.TIMETZ)),
  CURRENT_TIMESTAMP(
      "current_timestamp",
      EnumSet.of(Base.TIMESTAMPTZ, Base.TIMESTAMP, Base.DATE, Base.TIME, Base.TIMETZ)),
  CURRENT_DATE("current_date", EnumSet.of(Base.DATE, Base.TIMESTAMP, Base.TIMESTAMPTZ)),
  CURRENT_TIME("current_time", EnumSet.of(Base.TIMETZ, Base.TIME));

  /// The accepted texts, listed in an error's remedy.
  public static final String ACCEPTED =
      Arrays.stream(values()).map(DefaultFunction::sql).collect(Collectors.joining(", "));

  private final String sql;

  @SuppressWarnings("ImmutableEnumChecker") // never written to after construction
  private final Set<Base> types;

  DefaultFunction(String sql, Set<Base> types) {
    this.sql = sql;
    this.types = types;
  }

  /// The call as SQL, which is also how a caller writes it.
  public String sql() {
    return sql;
  }

  /// Whether a column of that type can hold the result; text types can hold every one.
  public boolean fits(ColumnType type) {
    return type.base().isText() || types.contains(type.base());
  }

  /// The function with that text, in upper or lower case, with any blanks of ASCII around it.
  public static Optional<DefaultFunction> of(String text) {
    if (text.length() > ColumnType.MAX_TEXT) {
      return Optional.empty();
    }
    String folded = text.toLowerCase(Locale.ROOT).replaceAll("^\\s+|\\s+$", "");
    return Arrays.stream(values()).filter(function -> function.sql.equals(folded)).findAny();
  }
}
