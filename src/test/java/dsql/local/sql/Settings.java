package dsql.local.sql;

import dsql.local.sql.Command.Kind;
import dsql.local.sql.Command.Pass;
import java.util.Locale;
import java.util.Set;

/// `SET` and `RESET`: a short list of settings, everything else refused.
final class Settings {
  private static final Set<String> ALLOWED =
      Set.of(
          "application_name",
          "client_encoding",
          "datestyle",
          "extra_float_digits",
          "intervalstyle",
          "timezone",
          "search_path",
          "disable_sync_create_index",
          "dsql.enable_batched_nestloop");

  private Settings() {}

  static Command set(Cursor at) {
    if (at.accept("constraints")) {
      return new Pass(at.text(), Kind.SESSION);
    }
    if (at.accept("session", "characteristics")) {
      return at.holds("isolation") ? transaction(at) : new Pass(at.text(), Kind.SESSION);
    }
    if (at.accept("transaction")) {
      return transaction(at);
    }
    if (at.accept("session", "authorization")) {
      return refuse("session_authorization");
    }
    if (!at.accept("session")) {
      at.accept("local");
    }
    if (at.accept("time", "zone") || at.accept("names") || at.accept("schema")) {
      return new Pass(at.text(), Kind.SESSION);
    }
    return ofName(at);
  }

  private static Command transaction(Cursor at) {
    Command refused = Dialect.isolation(at);
    return refused != null ? refused : refuse("TRANSACTION");
  }

  static Command reset(Cursor at) {
    if (at.accept("all") || at.accept("role") || at.accept("time", "zone")) {
      return new Pass(at.text(), Kind.SESSION);
    }
    return ofName(at);
  }

  private static Command ofName(Cursor at) {
    String name = at.name().toLowerCase(Locale.ROOT);
    if (!name.isEmpty() && !allowed(name)) {
      return refuse(name);
    }
    // PostgreSQL takes settings it does not know only with a dot in their name.
    return new Pass(
        name.equals("disable_sync_create_index")
            ? at.text().replace(name, "dsql." + name)
            : at.text(),
        Kind.SESSION);
  }

  static boolean allowed(String name) {
    return ALLOWED.contains(name) || name.startsWith("enable_");
  }

  static Command refuse(String name) {
    return Dialect.refuse("setting configuration parameter \"" + name + "\" not supported");
  }
}
