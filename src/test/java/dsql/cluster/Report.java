package dsql.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dsql.cluster.FunctionRun.Call;
import dsql.cluster.Outcome.Done;
import dsql.local.ConformanceTable.Case;
import dsql.local.ConformanceTable.Expected;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.postgresql.util.DriverInfo;

/// What a cluster answered, as tables and as one file of JSON. Neither holds a token, a credential,
/// the endpoint's name or an account's number. Used by one thread.
final class Report {
  private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

  /// The settings that say what a server is.
  private static final List<String> SETTINGS =
      List.of(
          "server_version",
          "server_version_num",
          "TimeZone",
          "DateStyle",
          "IntervalStyle",
          "bytea_output",
          "extra_float_digits",
          "client_encoding",
          "transaction_isolation",
          "search_path");

  /// Those of ARNs, but the one that examples have.
  private static final Pattern ACCOUNT = Pattern.compile("(?<=:)(?!111122223333)\\d{12}(?=:)");

  private static final Pattern TOKEN = Pattern.compile("\\S*X-Amz-\\S*");

  private static final int WIDEST = 200;

  private final Target target;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final Map<String, String> server = new LinkedHashMap<>();
  private final Instant begun = Instant.now();
  private long statements;

  Report(Target target) {
    this.target = target;
  }

  /// Notes what the server is.
  void server(Place place) throws SQLException {
    server.put("version()", place.query("SELECT version()").getFirst());
    for (String setting : SETTINGS) {
      server.put(setting, place.query("SELECT current_setting(?, true)", setting).getFirst());
    }
  }

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  void calls(List<Call> more) {
    calls.addAll(more);
  }

  /// How many statements were sent besides the function's own.
  void statements(long count) {
    statements = count;
  }

  /// Prints tables and writes the file.
  ///
  /// @return the status that the process is to end with
  int tell(PrintStream out, PrintStream err) {
    tellKnown(out);
    List<String> differences = differences();
    table(out, "Differs from what the local endpoint assumes", differences);
    out.printf(
        "%d cases over two protocols: %d differ, %d were skipped. %d statements and %d calls of the"
            + " function in %d s.%n",
        outcomes.size() / Check.PROTOCOLS.size(),
        differences.size(),
        outcomes.stream().filter(o -> !o.skipped().isEmpty()).count() / Check.PROTOCOLS.size(),
        statements,
        calls.size(),
        Duration.between(begun, Instant.now()).toSeconds());
    try {
      Path file = Path.of(target.report()).toAbsolutePath();
      Files.createDirectories(file.getParent());
      Files.writeString(file, scrubbed(JSON.writeValueAsString(json(differences.isEmpty()))));
      out.println("Every answer is in " + target.report() + ".");
    } catch (IOException e) {
      err.println("Could not write " + target.report() + ": " + e);
      return Check.NOT_RUN;
    }
    return differences.isEmpty() ? Check.SAME : Check.DIFFERENT;
  }

  private void tellKnown(PrintStream out) {
    List<String> skipped = new ArrayList<>();
    List<String> known = new ArrayList<>();
    List<String> several = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (!outcome.skipped().isEmpty()) {
        skipped.add(row(outcome, "", "", outcome.skipped()));
      } else if (!outcome.conformance().gap().isEmpty()) {
        known.add(row(outcome, outcome.steps().getLast()));
      }
      for (Done done : outcome.steps()) {
        if (done.expected() instanceof Expected.Anything) {
          unknown.add(row(outcome, done));
        } else if (done.expected() instanceof Expected.Failed(List<String> states, _)
            && states.size() > 1) {
          several.add(row(outcome, done));
        }
      }
    }
    table(out, "Skipped, and why", skipped);
    table(out, "The local endpoint is known to differ; the cluster answers", known);
    table(out, "Of several possible answers came", several);
    table(out, "Nobody knew; the cluster answers", unknown);
  }

  private List<String> differences() {
    List<String> rows = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (!outcome.holds() && outcome.conformance().gap().isEmpty()) {
        rows.add(row(outcome, outcome.steps().getLast()));
      }
    }
    for (Call call : calls) {
      if (!call.holds()) {
        rows.add(
            row(
                call.title(),
                "the function",
                "",
                call.event(),
                call.expectation(),
                call.difference()));
      }
    }
    return rows;
  }

  private String row(Outcome outcome, Done done) {
    return row(outcome, done.sql(), done.expected().toString(), done.answer().toString());
  }

  private String row(Outcome outcome, String sql, String expected, String answered) {
    Case c = outcome.conformance();
    return row(c.title(), c.source(), outcome.protocol(), sql, expected, answered);
  }

  private String row(String... cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      String line = scrubbed(cell).replaceAll("\\s+", " ").replace("|", "\\|");
      row.append(' ')
          .append(line.length() > WIDEST ? line.substring(0, WIDEST) + "…" : line)
          .append(" |");
    }
    return row.toString();
  }

  private static void table(PrintStream out, String title, List<String> rows) {
    if (!rows.isEmpty()) {
      out.printf("%n%s:%n%n", title);
      out.println("| case | source | protocol | statement | expected | answered |");
      out.println("| --- | --- | --- | --- | --- | --- |");
      rows.forEach(out::println);
      out.println();
    }
  }

  private Map<String, Object> json(boolean same) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("begun", begun.toString());
    json.put("user", target.isAdmin() ? "admin" : "a role");
    json.put("region", target.region());
    json.put("driver", DriverInfo.DRIVER_FULL_NAME);
    json.put("server", server);
    json.put("statements", statements);
    json.put("same", same);
    json.put("cases", outcomes.stream().map(Report::json).toList());
    json.put("function", calls);
    return json;
  }

  private static Map<String, Object> json(Outcome outcome) {
    Case c = outcome.conformance();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("case", c.title());
    json.put("source", c.source());
    json.put("protocol", outcome.protocol());
    if (!outcome.skipped().isEmpty()) {
      json.put("skipped", outcome.skipped());
      return json;
    }
    if (!c.gap().isEmpty()) {
      json.put("gap", c.gap());
    }
    json.put("holds", outcome.holds());
    json.put("attempts", outcome.attempts());
    json.put("millis", outcome.millis());
    json.put("steps", outcome.steps().stream().map(Report::json).toList());
    return json;
  }

  private static Map<String, Object> json(Done done) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("session", String.valueOf(done.step().session()));
    json.put("sql", done.sql());
    if (!done.step().parameters().isEmpty()) {
      json.put("parameters", done.step().parameters());
    }
    json.put("expected", done.expected().toString());
    json.put("holds", done.holds());
    json.put("answered", json(done.answer()));
    json.put("millis", done.millis());
    return json;
  }

  private static Map<String, Object> json(Answer answer) {
    Map<String, Object> json = new LinkedHashMap<>();
    switch (answer) {
      case Answer.Rows(List<String> rows) -> json.put("rows", rows);
      case Answer.Count(int count) -> json.put("count", count);
      case Answer.Lost(String message) -> json.put("lost", message);
      case Answer.Failed(
              String state,
              String message,
              String detail,
              String hint,
              List<String> names) -> {
        json.put("sqlState", state);
        json.put("message", message);
        json.put("detail", detail);
        json.put("hint", hint);
        json.put("schemaTableColumnConstraint", names);
      }
    }
    return json;
  }

  /// The text without what belongs to nobody but the caller.
  String scrubbed(String text) {
    String unnamed = text.replace(target.host(), "<endpoint>");
    return TOKEN.matcher(ACCOUNT.matcher(unnamed).replaceAll("<account>")).replaceAll("<token>");
  }

  /// A failure in words, with what caused it.
  static String reason(Throwable failure) {
    StringBuilder reason = new StringBuilder(String.valueOf(failure.getMessage()));
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      reason.append(" (").append(cause.getMessage()).append(')');
    }
    return reason.toString();
  }
}
