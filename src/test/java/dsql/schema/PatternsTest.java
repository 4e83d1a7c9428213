package dsql.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// Texts near each grammar of the language get the same verdict from the schema's pattern and from
/// the function.
@Tag("unit")
class PatternsTest {

  private static final int TRIES = 3_000;

  /// What a change of a text puts in: blanks that are some, and some that are none, cases that fold
  /// to others, and what may end a pattern too early or too late.
  private static final List<String> ANYWHERE =
      List.of(
          " ", "  ", "\t", "\u000b", "\n", "\r\n", "\f", "\u0000", "\u0001", "\u001c", "\u007f",
          "\u0085", "\u00a0", "\u1680", "\u2003", "\u2007", "\u2028", "\u3000", "\ufeff", "\uffff",
          "😀", "İ", "ı", "K", "ſ", "é", "a", "Z", "0", "1", "9", "~", "/", "\\", "%", ".", "-",
          "+", "e", "(", ")", ",", "\"", "$", "^", "<", ">");

  private static final String SCALE = "the scale of a numeric must not exceed its precision";

  /// A number, which is written as it is.
  private static final String LIMIT = "limit";

  static List<Grammar> grammars() {
    return List.of(
        new Grammar(
            "type",
            "{'action':'create','table':'t','columns':[{'name':'a','type':%s}]}",
            List.of(
                "smallint",
                "int2",
                "integer",
                "int",
                "int4",
                "bigint",
                "int8",
                "real",
                "float4",
                "double precision",
                "float8",
                "numeric(12,2)",
                "decimal(1)",
                "dec ( 1000 , 1000 )",
                "numeric(3,4)",
                "char",
                "char(4096)",
                "character(1)",
                "bpchar",
                "varchar",
                "varchar(65535)",
                "character varying(30)",
                "text",
                "date",
                "time",
                "time(6)",
                "timetz",
                "timetz(0)",
                "time (3) with time zone",
                "time without time zone",
                "timestamp",
                "timestamp(6) without time zone",
                "timestamptz(3)",
                "interval",
                "bool",
                "boolean",
                "bytea",
                "uuid",
                "json",
                "jsonb",
                "numeric",
                "serial",
                "float",
                "nchar(3)"),
            List.of(
                "(0)",
                "(1)",
                "(6)",
                "(7)",
                "(0006)",
                "(1000)",
                "(1001)",
                "(4096)",
                "(4097)",
                "(65536)",
                "(5,5)",
                "(5,06)",
                "()",
                "(-1)",
                "(1000000000)",
                "(00000000000000000030)",
                " varying",
                " precision",
                " with time zone",
                " without time zone",
                " time zone",
                "[]",
                "tz",
                "time")),
        new Grammar(
            "default of text", column("text"), functions(), List.of("current_", "time", "()")),
        new Grammar(
            "default of uuid", column("uuid"), functions(), List.of("current_", "time", "()")),
        new Grammar(
            "default of date", column("date"), functions(), List.of("current_", "time", "()")),
        new Grammar(
            "default of time", column("time(3)"), functions(), List.of("current_", "time", "()")),
        new Grammar(
            "default of timetz",
            column("TIME WITH TIME ZONE"),
            functions(),
            List.of("current_", "time", "()")),
        new Grammar(
            "default of timestamp",
            column("timestamp"),
            functions(),
            List.of("current_", "time", "()")),
        new Grammar(
            "default of timestamptz",
            column("timestamptz"),
            functions(),
            List.of("current_", "time", "()")),
        new Grammar(
            "pointer",
            "{'action':'query','table':'t','where':{'d':{'at':%s,'eq':1}}}",
            List.of("", "/", "/a", "/a/0/b~0c~1d", "//", "/".repeat(64), "/" + "x".repeat(999)),
            List.of("~0", "~1", "~2", "~", "/~", "/".repeat(60), "x".repeat(990))),
        new Grammar(
            "pointer of selected",
            "{'action':'query','table':'t','select':[{'column':'d','at':%s}]}",
            List.of(
                "", "/", "/a", "/a/b~0c~1d", "/a/", "/" + "x".repeat(63), "/" + "~0".repeat(63)),
            List.of("~0", "~1", "~2", "~", "/x", "/".repeat(63), "x".repeat(60))),
        new Grammar(
            "pointer of index",
            "{'action':'create','table':'t','columns':[{'name':'d','type':'json'}],"
                + "'indexes':[{'name':'i','columns':[{'column':'d','at':%s}]}]}",
            List.of("", "/", "/a", "/a/0/b~0c~1d", "//", "/".repeat(64)),
            List.of("~0", "~1", "~2", "~", "/~", "/".repeat(60))),
        new Grammar(
            "like",
            "{'action':'query','table':'t','where':{'a':{'like':%s}}}",
            List.of("", "%", "a_b%", "\\\\", "\\%", "a\\\\\\_", "\n"),
            List.of("\\", "\\\\", "\\\\\\", "\n", "%")),
        new Grammar(
            "key",
            "{'action':'insert','table':'t','rows':[{}],'idempotencyKey':%s}",
            List.of(
                "order-7781",
                "a",
                " a ",
                "ключ",
                "鍵",
                "k".repeat(512),
                "<aws.scheduler>",
                "<AWS.Events>",
                "<aws.scheduler.scheduled-time>",
                " ",
                "\u2003\u3000"),
            List.of(
                "<aws.scheduler.",
                "<aws.events.",
                "<AWS.SCHEDULER.",
                "aws.events.",
                "<",
                "\u2028",
                "\u00a0",
                "k".repeat(400))),
        new Grammar(
            "comment",
            "{'action':'create','table':'t','columns':[{'name':'a','type':'int'}],'comment':%s}",
            List.of("", "Owners", "a\nb", "😀".repeat(10_000)),
            List.of("\u0000", "\u0001", "x".repeat(9_990))),
        new Grammar(
            LIMIT,
            "{'action':'query','table':'t','limit':%s}",
            List.of(
                "1", "100", "10000", "10001", "0", "-1", "1.0", "1e2", "1E+4", "1e5", "100e-2",
                "0.1e1", "1.5", "-0.0", "10000.0", "9999.9", "null", "true"),
            List.of("0", "00", "1", ".0", "e0", "e1", "E-1", "e+2", "-")));
  }

  private static String column(String type) {
    return "{'action':'create','table':'t','columns':[{'name':'a','type':'"
        + type
        + "','default':%s}]}";
  }

  private static List<String> functions() {
    return List.of(
        "gen_random_uuid()",
        "now()",
        "current_timestamp",
        "current_date",
        "current_time",
        " Now()\t",
        "CURRENT_TIME\n");
  }

  /// A grammar, by a request with a place for its texts, some texts and parts of such texts.
  record Grammar(String name, String request, List<String> texts, List<String> parts) {

    String request(String text) {
      return request
          .replace('\'', '"')
          .formatted(name.equals(LIMIT) ? text : StringNode.valueOf(text).toString());
    }

    @Override
    public String toString() {
      return name;
    }

    /// A text of the grammar with up to three changes.
    String text(Random random) {
      StringBuilder text = new StringBuilder(pick(texts, random));
      if (random.nextInt(3) == 0) {
        for (int i = 0; i < text.length() && i < 100; i++) {
          char c = text.charAt(i);
          text.setCharAt(i, random.nextBoolean() && c < 128 ? Character.toUpperCase(c) : c);
        }
      }
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        int at =
            text.offsetByCodePoints(0, random.nextInt(text.codePointCount(0, text.length()) + 1));
        String part = pick(random.nextBoolean() ? parts : ANYWHERE, random);
        if (random.nextInt(3) == 0 && at < text.length()) {
          text.replace(at, text.offsetByCodePoints(at, 1), random.nextBoolean() ? "" : part);
        } else {
          text.insert(random.nextInt(3) == 0 ? text.length() : at, part);
        }
      }
      return text.toString();
    }

    private static String pick(List<String> list, Random random) {
      return list.get(random.nextInt(list.size()));
    }
  }

  @ParameterizedTest
  @MethodSource("grammars")
  void theSchemaAndTheFunctionAgree(Grammar grammar) {
    long seed = Long.getLong("patterns.seed", 20261126);
    Random random = new Random(seed);
    int taken = 0;
    for (int i = 0; i < TRIES; i++) {
      String text = grammar.text(random);
      String request = grammar.request(text);
      // The validator counts in longs.
      boolean huge = grammar.name().equals(LIMIT) && text.matches(".*[eE]\\+?\\d{2,}");
      Optional<Boolean> verdict = huge ? Optional.empty() : verdict(request);
      if (verdict.isPresent()) {
        JsonNode event = Schemas.json(request);
        assertEquals(
            verdict.get(),
            Schemas.faults("event-direct.json", event).isEmpty(),
            () -> "-Dpatterns.seed=" + seed + ": " + request);
        taken += verdict.get() ? 1 : 0;
      }
    }
    int all = taken;
    assertTrue(taken > TRIES / 50 && taken < TRIES * 9 / 10, () -> "taken: " + all);
  }

  /// Whether the function takes the request; empty if it refuses it by a rule that no schema can
  /// express, or if it is no JSON.
  private static Optional<Boolean> verdict(String request) {
    Faults faults = new Faults();
    try {
      RequestDecoder.decode(RequestText.parse(request, faults), Optional.empty(), faults);
      return Optional.of(true);
    } catch (JsonText.Malformed _) {
      return Optional.empty();
    } catch (InvalidRequest e) {
      // Characters of ASCII are one byte each, which a schema counts as well.
      boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(request);
      String beyond =
          ascii ? SCALE : SCALE + "|.*an? (name|idempotency key) has at most \\d+ bytes";
      boolean allBeyond = e.faults().stream().allMatch(fault -> fault.detail().matches(beyond));
      return allBeyond ? Optional.empty() : Optional.of(false);
    }
  }
}
