package dsql.local.sql;

import dsql.local.sql.Command.Refused;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Column types, which are fewer than those of PostgreSQL.
final class Types {
  private static final Set<String> REFUSED =
      Set.of(
          "money",
          "xml",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "point",
          "line",
          "lseg",
          "box",
          "path",
          "polygon",
          "circle",
          "tsvector",
          "tsquery",
          "int4range",
          "int8range",
          "numrange",
          "tsrange",
          "tstzrange",
          "daterange",
          "int4multirange",
          "int8multirange",
          "nummultirange",
          "tsmultirange",
          "tstzmultirange",
          "datemultirange",
          "pg_lsn",
          "pg_snapshot",
          "txid_snapshot",
          "jsonpath",
          "bit",
          "varbit");

  static final Set<String> GEOMETRIC =
      Set.of("point", "line", "lseg", "box", "path", "polygon", "circle");

  private static final Set<String> SERIAL =
      Set.of("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8");

  /// Names a message uses instead of those written.
  private static final Map<String, String> SHOWN =
      Map.of(
          "int",
          "integer",
          "int4",
          "integer",
          "int2",
          "smallint",
          "int8",
          "bigint",
          "varbit",
          "bit varying",
          "bool",
          "boolean",
          "float4",
          "real",
          "float8",
          "double precision",
          "decimal",
          "numeric");

  /// Those that no key takes.
  private static final Set<String> KEYLESS = Set.of("bytea", "json", "jsonb", "interval", "timetz");

  private static final Set<String> BARE = Set.of("numeric", "decimal", "dec");

  private static final int LONGEST_CHAR = 4096;
  private static final int LONGEST_VARCHAR = 65535;

  private Types() {}

  /// A type as a column names it; the cursor moves past it.
  record Named(String name, boolean array, int length, int bareEnd) {

    /// Notes where it ends if it is a numeric without a precision.
    void addTo(List<Integer> bare) {
      if (bareEnd > 0) {
        bare.add(bareEnd);
      }
    }

    /// As messages show it.
    String shown() {
      return SHOWN.getOrDefault(name, name) + (array ? "[]" : "");
    }

    /// Why a column cannot have it, or null.
    @Nullable Refused refusal() {
      if (SERIAL.contains(name)) {
        return Dialect.refuse("42704", "type \"" + name + "\" does not exist");
      }
      if (array || REFUSED.contains(name)) {
        return Dialect.refuse("datatype " + shown() + " not supported");
      }
      int longest = name.equals("char") ? LONGEST_CHAR : LONGEST_VARCHAR;
      return (name.equals("char") || name.equals("varchar")) && length > longest
          ? Dialect.refuse(
              "54000",
              "Datatype limit greater than " + longest + " bytes not supported for " + name)
          : null;
    }

    /// Why it cannot be in a key, or null.
    @Nullable Refused refusalInKey() {
      return KEYLESS.contains(name)
          ? Dialect.refuse(
              "datatype "
                  + (name.equals("timetz") ? "time with time zone" : name)
                  + " is not supported in a key")
          : null;
    }

    /// The bytes that a value may have by its declaration, 0 if that does not tell.
    int declaredBytes() {
      return name.equals("char") || name.equals("varchar") ? length : 0;
    }

    boolean isBigint() {
      return name.equals("bigint") || name.equals("int8");
    }
  }

  static Named read(Cursor at) {
    String name = last(at.name());
    if (name.equals("bit") && at.accept("varying")) {
      name = "varbit";
    } else if (name.equals("character") || name.equals("char")) {
      name = at.accept("varying") ? "varchar" : "char";
    } else if (name.equals("double")) {
      at.accept("precision");
      name = "double precision";
    }
    int length = 0;
    boolean bare = BARE.contains(name) && !at.peek(0).isSymbol("(");
    int bareEnd = bare ? at.peek(-1).end() : 0;
    if (at.peek(0).isSymbol("(")) {
      length = number(at.peek(1));
      at.skip();
    }
    if (at.accept("with", "time", "zone")) {
      name += "tz";
    } else {
      at.accept("without", "time", "zone");
    }
    boolean array = at.accept("array");
    while (at.acceptSymbol("[")) {
      array = true;
      while (!at.atEnd() && !at.acceptSymbol("]")) {
        at.next();
      }
    }
    return new Named(name, array, length, array ? 0 : bareEnd);
  }

  /// The text with a precision for each numeric that has none, whose ends these are: such a column
  /// is numeric(18,6).
  static String declared(String sql, List<Integer> bare) {
    StringBuilder text = new StringBuilder(sql);
    for (int end : bare.reversed()) {
      text.insert(end, "(18,6)");
    }
    return text.toString();
  }

  static int number(Token token) {
    try {
      return token.kind() == Token.Kind.NUMBER ? Integer.parseInt(token.text()) : 0;
    } catch (NumberFormatException e) {
      // Too long or with a fraction: PostgreSQL will say so.
      return 0;
    }
  }

  private static String last(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replace("\"", "");
    return plain.substring(plain.lastIndexOf('.') + 1);
  }
}
