package dsql.action;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The type of a column, with its modifiers.
///
/// @param base the type without its modifiers
/// @param length characters of `char` and `varchar`, precision of `numeric`, fractional digits of
///   the time types; empty when not given
/// @param scale of `numeric`; empty when not given
/// @param sql the type as written in SQL and in replies, for example `numeric(12,2)`
public record ColumnType(Base base, OptionalInt length, OptionalInt scale, String sql) {

  /// The types that DSQL accepts for a column, and [#OTHER] for any other that a view may have.
  public enum Base {
    SMALLINT("smallint", "int2"),
    INTEGER("integer", "int", "int4"),
    BIGINT("bigint", "int8"),
    REAL("real", "float4"),
    DOUBLE("double precision", "float8"),
    NUMERIC("numeric", "decimal", "dec"),
    CHAR("char", "character"),
    BPCHAR("bpchar"),
    VARCHAR("varchar", "character varying"),
    TEXT("text"),
    DATE("date"),
    TIME("time", "time without time zone"),
    TIMETZ("timetz", "time with time zone"),
    TIMESTAMP("timestamp", "timestamp without time zone"),
    TIMESTAMPTZ("timestamptz", "timestamp with time zone"),
    INTERVAL("interval"),
    BOOLEAN("boolean", "bool"),
    BYTEA("bytea"),
    UUID("uuid"),
    JSON("json"),
    JSONB("jsonb"),
    /// Any other type; its values are passed on as PostgreSQL's own text.
    OTHER("");

    private final String sqlName;

    @SuppressWarnings("ImmutableEnumChecker") // never written to after construction
    private final String[] aliases;

    Base(String sqlName, String... aliases) {
      this.sqlName = sqlName;
      this.aliases = aliases;
    }

    /// The name without modifiers, as written in SQL and in replies.
    public String sqlName() {
      return sqlName;
    }

    private boolean isNamed(String name) {
      if (sqlName.equals(name)) {
        return true;
      }
      for (String alias : aliases) {
        if (alias.equals(name)) {
          return true;
        }
      }
      return false;
    }

    /// Whether DSQL takes a column of this type into a primary key or an index.
    public boolean canBeKey() {
      return hasOrder() && this != BYTEA && this != INTERVAL && this != TIMETZ && this != JSONB;
    }

    /// Whether rows can be compared and ordered by a column of this type; no index is needed for
    /// it.
    public boolean hasOrder() {
      return this != JSON;
    }

    /// Whether it is one of the character types.
    public boolean isText() {
      return this == CHAR || this == BPCHAR || this == VARCHAR || this == TEXT;
    }

    /// Whether its values are JSON documents.
    public boolean isDocument() {
      return this == JSON || this == JSONB;
    }

    private int maxLength() {
      return switch (this) {
        case CHAR -> 4096;
        case VARCHAR -> 65_535;
        case NUMERIC -> 1000;
        case TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ -> 6;
        default -> -1;
      };
    }
  }

  /// The names that `create` accepts, listed in an error's remedy.
  public static String accepted() {
    return Stream.of(Base.values())
            .filter(base -> base != Base.OTHER)
            .map(base -> base.sqlName)
            .collect(Collectors.joining(", "))
        + " and their PostgreSQL aliases";
  }

  /// `name`, modifiers, and the rest of a name like `timestamp(3) with time zone`.
  private static final Pattern SHAPE =
      Pattern.compile(
          " ?([a-z][a-z0-9]*(?: precision| varying)?)"
              + "(?: ?\\( ?0*(\\d{1,9}) ?(?:, ?0*(\\d{1,9}) ?)?\\))?"
              + "( with(?:out)? time zone)? ?");

  /// Limit on the characters of a type's text, so that the pattern never runs over a huge one; the
  /// longest valid name is far shorter.
  static final int MAX_TEXT = 200;

  /// Why a type was refused.
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /// The type a caller names for a new column.
  ///
  /// @throws Refused when DSQL would not accept it, or would round silently: it takes a bare
  ///   `numeric` for numeric(18,6)
  public static ColumnType forNewColumn(String text) throws Refused {
    ColumnType type =
        parse(text).orElseThrow(() -> new Refused("not a column type; accepted: " + accepted()));
    Base base = type.base;
    if (base == Base.NUMERIC && type.length.isEmpty()) {
      throw new Refused("give precision and scale: DSQL would round a bare numeric to (18,6)");
    }
    int max = base.maxLength();
    int min = base.name().startsWith("TIME") ? 0 : 1;
    if (type.length.isPresent() && max < 0) {
      throw new Refused(base.sqlName + " takes no length");
    }
    if (type.length.isPresent() && (type.length.getAsInt() < min || type.length.getAsInt() > max)) {
      throw new Refused(base.sqlName + " takes a length of " + min + " to " + max);
    }
    if (type.scale.isPresent() && base != Base.NUMERIC) {
      throw new Refused(base.sqlName + " takes no scale");
    }
    if (type.scale.isPresent() && type.scale.getAsInt() > type.length.orElse(0)) {
      throw new Refused("the scale of a numeric must not exceed its precision");
    }
    return type;
  }

  /// The type of an existing column, from the text that `format_type` gives.
  public static ColumnType ofCatalog(String formatted) {
    Optional<ColumnType> known = parse(formatted);
    return known.isPresent()
        ? known.get()
        : new ColumnType(Base.OTHER, OptionalInt.empty(), OptionalInt.empty(), formatted);
  }

  /// The maximum number of characters of a value's text form; empty where there is no limit.
  public OptionalInt maxTextLength() {
    return switch (base) {
      case TEXT, BPCHAR, BYTEA, JSON, JSONB, OTHER -> OptionalInt.empty();
      case CHAR -> OptionalInt.of(length.orElse(1));
      case VARCHAR -> length;
      // Three more for sign, point and a leading zero; a scale beyond the precision adds zeros.
      case NUMERIC ->
          length.isEmpty()
              ? length
              : OptionalInt.of(Math.max(length.getAsInt(), scale.orElse(0)) + 3);
      case SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, BOOLEAN, UUID -> OptionalInt.of(36);
      case DATE, TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ, INTERVAL -> OptionalInt.of(80);
    };
  }

  /// The type with its article, as a sentence needs it: `an integer`, `a uuid`.
  public String withArticle() {
    return (sql.isEmpty() || "aeio".indexOf(sql.charAt(0)) < 0 ? "a " : "an ") + sql;
  }

  private static Optional<ColumnType> parse(String text) {
    if (text.length() > MAX_TEXT) {
      return Optional.empty();
    }
    // Blanks are those of ASCII, as in SQL.
    String folded = text.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
    Matcher shape = SHAPE.matcher(folded);
    if (!shape.matches()) {
      return Optional.empty();
    }
    String name = shape.group(1) + (shape.group(4) == null ? "" : shape.group(4));
    for (Base base : Base.values()) {
      if (base != Base.OTHER && base.isNamed(name)) {
        return Optional.of(of(base, optionalInt(shape.group(2)), optionalInt(shape.group(3))));
      }
    }
    return Optional.empty();
  }

  private static ColumnType of(Base base, OptionalInt length, OptionalInt scale) {
    OptionalInt whole =
        base == Base.NUMERIC && length.isPresent() && scale.isEmpty() ? OptionalInt.of(0) : scale;
    String modifiers =
        length.isEmpty()
            ? ""
            : "(" + length.getAsInt() + (whole.isEmpty() ? "" : "," + whole.getAsInt()) + ")";
    return new ColumnType(base, length, whole, base.sqlName + modifiers);
  }

  private static OptionalInt optionalInt(@Nullable String digits) {
    return digits == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(digits));
  }
}
