package dsql.lambda.endtoend;

import static dsql.JsonAssert.at;
import static dsql.JsonAssert.faults;
import static dsql.JsonAssert.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.action.ColumnType;
import dsql.lambda.LocalFunction;
import dsql.lambda.RequestRejected;
import dsql.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every type at its extremes, through the function and back. In the tables a value is JSON as it
/// stands in a request or a reply; `=` stands for the same again.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ValueMatrixTest {

  /// What the ledger keeps of a reply at most, with room to spare.
  private static final int LEDGER_BYTES = 900_000;

  private final LocalDsql dsql;
  private final LocalFunction function;
  private final Map<String, String> tables = new HashMap<>();
  private int rows;

  ValueMatrixTest(LocalDsql dsql) {
    this.dsql = dsql;
    this.function = new LocalFunction(dsql, Map.of());
  }

  @AfterAll
  void close() throws SQLException {
    function.close();
    for (String table : tables.values()) {
      Tables.drop(dsql, table);
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          smallint | 32767 | =
          smallint | -32768 | =
          smallint | "32767" | 32767
          smallint | 1e2 | 100
          smallint | 3.0 | 3
          smallint | -0 | 0
          smallint | null | =
          integer | 2147483647 | =
          integer | -2147483648 | =
          integer | 21474836.47e2 | 2147483647
          integer | 1E+0000001 | 10
          bigint | 9223372036854775807 | "9223372036854775807"
          bigint | "-9223372036854775808" | =
          bigint | 9007199254740993 | "9007199254740993"
          bigint | 9.223372036854775807e18 | "9223372036854775807"
          bigint | -0 | "0"
          numeric(5,2) | 999.99 | "999.99"
          numeric(5,2) | "-999.99" | =
          numeric(5,2) | 1 | "1.00"
          numeric(5,2) | 1.100 | "1.10"
          numeric(5,2) | -0 | "0.00"
          numeric(5,2) | -0.00 | "0.00"
          numeric(5,2) | 0e99999999 | "0.00"
          numeric(5,2) | 0e-99999999 | "0.00"
          numeric(5,2) | 12.3e-1 | "1.23"
          numeric(5,2) | "NaN" | =
          numeric(5) | 99999 | "99999"
          numeric(2,2) | 0.99 | "0.99"
          numeric(38,18) | 12345678901234567890.123456789012345678 | "12345678901234567890.123456789012345678"
          numeric | "Infinity" | =
          numeric | "-Infinity" | =
          numeric | "NaN" | =
          numeric | 1.10 | "1.10"
          numeric | 0.1000000000000000055511151231257827021181583404541015625 | "0.1000000000000000055511151231257827021181583404541015625"
          numeric | 1e-7 | "0.0000001"
          numeric | 1e20 | "100000000000000000000"
          numeric | 0e-20000 | "0"
          numeric | -0 | "0"
          real | 3.4028235e38 | 3.4028235e+38
          real | -3.4028235e38 | -3.4028235e+38
          real | 1.17549435e-38 | 1.1754944e-38
          real | 1e-45 | =
          real | -1e-45 | =
          real | 0.1 | =
          real | 16777217 | 1.6777216e+07
          real | 1.00000005960464477539 | 1
          real | 1.000000059604644775390625000000000000001 | 1.0000001
          real | -0.0 | -0
          real | -0 | =
          real | 1e10 | 1e+10
          real | "NaN" | =
          real | "Infinity" | =
          real | "-Infinity" | =
          real | "1.5" | 1.5
          "double precision" | 1 | =
          double precision | 1.7976931348623157e308 | 1.7976931348623157e+308
          double precision | -1.7976931348623157e308 | -1.7976931348623157e+308
          double precision | 4.9e-324 | 5e-324
          double precision | 2.2250738585072011e-308 | 2.225073858507201e-308
          double precision | 0.1 | =
          double precision | 0.30000000000000004 | =
          double precision | 1E10 | 10000000000
          double precision | 1e15 | 1e+15
          double precision | 1e-7 | 1e-07
          double precision | 9007199254740993 | 9.007199254740992e+15
          double precision | 0.1000000000000000055511151231257827021181583404541015625 | 0.1
          double precision | -0.0 | -0
          double precision | 0e999 | 0
          double precision | "NaN" | =
          double precision | "Infinity" | =
          double precision | "-Infinity" | =
          boolean | true | =
          boolean | false | =
          boolean | "true" | true
          uuid | "00000000-0000-0000-0000-000000000000" | =
          uuid | "ffffffff-ffff-ffff-ffff-ffffffffffff" | =
          uuid | "123E4567E89B12D3A456426614174000" | "123e4567-e89b-12d3-a456-426614174000"
          """)
  void numbersBooleansAndUuidsComeOutAsTheyWentIn(String type, String in, String out) {
    assertRoundTrip(type.replace("\"", ""), in, out);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          date | "0001-01-01" | =
          date | "0000-12-31" | =
          date | "0000-02-29" | =
          date | "-0001-01-01" | =
          date | "-4712-01-01" | =
          date | "-4713-11-24" | =
          date | "9999-12-31" | =
          date | "+10000-01-01" | =
          date | "+294277-01-01" | =
          date | "+5874897-12-31" | =
          date | "2024-02-29" | =
          date | "2000-02-29" | =
          date | "infinity" | =
          date | "-infinity" | =
          time | "00:00:00" | =
          time | "10:00" | "10:00:00"
          time | "23:59:59.999999" | =
          time | "00:00:00.000001" | =
          time | "12:00:00.100000" | "12:00:00.1"
          time | "24:00:00" | =
          time | "24:00" | "24:00:00"
          time | "24:00:00.000" | "24:00:00"
          time(3) | "23:59:59.999" | =
          time(0) | "23:59:59" | =
          timetz | "00:00:00+15:59:59" | =
          timetz | "00:00:00-15:59:59" | =
          timetz | "23:59:59.999999+02:00" | =
          timetz | "23:59:59.999999-05:30" | =
          timetz | "24:00:00+15:59:59" | =
          timetz | "24:00:00Z" | =
          timetz | "10:00:00+00:00" | "10:00:00Z"
          timetz | "10:00:00-00:00:01" | =
          timetz | "10:00:00+0530" | "10:00:00+05:30"
          timetz | "10:00:00-05" | "10:00:00-05:00"
          timetz | "10:00:00z" | "10:00:00Z"
          timetz | "10:00:00+00:30" | =
          timetz(3) | "10:00:00.123Z" | =
          timestamp | "-4713-11-24T00:00:00" | =
          timestamp | "-4712-01-01T00:00:00.000001" | =
          timestamp | "0000-02-29T12:00:00" | =
          timestamp | "0001-01-01T00:00:00" | =
          timestamp | "9999-12-31T23:59:59.999999" | =
          timestamp | "+10000-01-01T00:00:00" | =
          timestamp | "+294276-12-31T23:59:59.999999" | =
          timestamp | "+294276-12-31T23:59:00" | =
          timestamp | "2026-02-28 23:59:59.5" | "2026-02-28T23:59:59.5"
          timestamp | "2024-02-29T10:00" | "2024-02-29T10:00:00"
          timestamp | "infinity" | =
          timestamp | "-infinity" | =
          timestamp(3) | "2026-02-28T23:59:59.123000" | "2026-02-28T23:59:59.123"
          timestamptz | "-4713-11-24T00:00:00Z" | =
          timestamptz | "2026-02-28T23:59:59+0530" | "2026-02-28T18:29:59Z"
          timestamptz | "2026-02-28T23:59:59.5-05" | "2026-03-01T04:59:59.5Z"
          timestamptz | "2026-02-28 23:59:59+053015" | "2026-02-28T18:29:44Z"
          timestamptz | "2026-02-28t23:59:59z" | "2026-02-28T23:59:59Z"
          timestamptz | "-4713-11-24T15:59:59+15:59:59" | "-4713-11-24T00:00:00Z"
          timestamptz | "0000-02-29T12:00:00.000001Z" | =
          timestamptz | "0001-01-01T00:00:00+01:00" | "0000-12-31T23:00:00Z"
          timestamptz | "9999-12-31T23:59:59.999999Z" | =
          timestamptz | "9999-12-31T23:59:59.999999-01:00" | "+10000-01-01T00:59:59.999999Z"
          timestamptz | "+294276-12-31T23:59:59.999999Z" | =
          timestamptz | "+294276-12-31T23:59:59.999999+18:00" | "+294276-12-31T05:59:59.999999Z"
          timestamptz | "2024-02-29T00:00:00+00:00" | "2024-02-29T00:00:00Z"
          timestamptz | "1883-11-18T12:03:57-04:56:02" | "1883-11-18T16:59:59Z"
          timestamptz | "infinity" | =
          timestamptz | "-infinity" | =
          timestamptz(0) | "2026-02-28T23:59:59Z" | =
          interval | "PT0S" | =
          interval | "P0D" | "PT0S"
          interval | "P1Y2M3DT4H5M6.123456S" | =
          interval | "P1Y-2M3DT-4H5M-6.5S" | "P10M3DT-3H-55M-6.5S"
          interval | "P-1Y-2M-3DT-4H-5M-6.5S" | =
          interval | "P2W1D" | "P15D"
          interval | "P1M-1D" | =
          interval | "P-1DT-0.000001S" | =
          interval | "PT-0.5S" | =
          interval | "PT1H-0.5S" | "PT59M59.5S"
          interval | "PT+1.5S" | "PT1.5S"
          interval | "P178956970Y7M2147483647DT2562047788H54.775807S" | =
          interval | "P-178956970Y-8M-2147483648DT-2562047788H-54.775807S" | =
          interval | "P2147483647M" | "P178956970Y7M"
          interval | "PT9223372036854.775807S" | "PT2562047788H54.775807S"
          interval | "PT-9223372036854.775807S" | "PT-2562047788H-54.775807S"
          interval | "PT36H" | =
          interval | "P14M" | "P1Y2M"
          interval | "PT1.123456000S" | "PT1.123456S"
          interval(3) | "PT1.123S" | =
          """)
  void datesAndTimesComeOutAsTheyWentIn(String type, String in, String out) {
    assertRoundTrip(type, in, out);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          text | "" | =
          text | " a b " | =
          text | "null" | =
          text | "\\"\\\\\\b\\f\\n\\r\\t" | =
          text | "\\u0001\\u001f\\u007f\\/" | "\\u0001\\u001f\u007f/"
          text | "\\u00e9\\ud83d\\ude00" | "é😀"
          text | "😀👩‍👩‍👧‍👦 ｆ\\ufeff\\uffff" | "😀👩‍👩‍👧‍👦 ｆ\ufeff\uffff"
          text | "'; DROP TABLE x; --" | =
          varchar(3) | "😀😀😀" | =
          varchar(3) | "ab " | =
          varchar | "abcd" | =
          char(5) | "ab" | "ab   "
          char(5) | "ab   " | =
          char(5) | "" | "     "
          char(2) | "😀😀" | =
          char(2) | "é" | "é "
          char | "x" | =
          bpchar | "ab  " | =
          bytea | "" | =
          bytea | "AA==" | =
          bytea | "3q2+7w==" | =
          bytea | "XFx4MDA=" | =
          json | {"b":[1.10,null,true],"a":"x"} | =
          json | [] | =
          json | {} | =
          json | "" | =
          json | "\\"" | =
          json | "😀" | =
          json | 1e400 | =
          json | -0.0 | =
          json | 1E+2 | =
          json | 123456789012345678901234567890.10 | =
          json | false | =
          json | null | =
          json | {"":{"":[]}} | =
          jsonb | {"b":1,"aa":2} | {"b": 1, "aa": 2}
          jsonb | {"aa":1,"b":2} | {"b": 2, "aa": 1}
          jsonb | [1.10,-0.5,1e2,0] | [1.10, -0.5, 100, 0]
          jsonb | "\\\\u0000" | =
          jsonb | 0.1000000000000000055511151231257827021181583404541015625 | =
          jsonb | "a\\nb\\u001f" | =
          jsonb | ["1e999999",{"-1e-99999":[]}] | ["1e999999", {"-1e-99999": []}]
          """)
  void textsBytesAndJsonComeOutAsTheyWentIn(String type, String in, String out) {
    assertRoundTrip(type, in, out.equals("=") ? in : out);
  }

  static Stream<Arguments> long_() {
    String digits = "1234567890".repeat(100);
    String fraction = "1234567891".repeat(50);
    String longest = "9".repeat(131_072) + "." + "9".repeat(16_383);
    String text = "aé😀\\n".repeat(131_072);
    byte[] bytes = new byte[1 << 20];
    new Random(1).nextBytes(bytes);
    String base64 = '"' + Base64.getEncoder().encodeToString(bytes) + '"';
    String deep = "[".repeat(60) + "]".repeat(60);
    String half = "9".repeat(500) + "." + fraction;
    return Stream.of(
        Arguments.of("numeric(1000,0)", digits, '"' + digits + '"'),
        Arguments.of("numeric(1000,0)", "-" + digits, "\"-" + digits + '"'),
        Arguments.of("numeric(1000,500)", half, '"' + half + '"'),
        Arguments.of("numeric(1000,500)", "\"-" + half + '"', "\"-" + half + '"'),
        Arguments.of(
            "numeric(1000,500)", "1e499", "\"1" + "0".repeat(499) + "." + "0".repeat(500) + '"'),
        Arguments.of("numeric(1000,500)", "1e-500", "\"0." + "0".repeat(499) + "1\""),
        Arguments.of("numeric(1000,1000)", "0." + digits, "\"0." + digits + '"'),
        Arguments.of("numeric", longest, '"' + longest + '"'),
        Arguments.of("numeric", "\"-" + longest + '"', "\"-" + longest + '"'),
        Arguments.of("numeric", "1." + "0".repeat(20_000), "\"1\""),
        Arguments.of("numeric", "0." + "0".repeat(20_000), "\"0\""),
        Arguments.of("bigint", "1." + "0".repeat(5_000), "\"1\""),
        Arguments.of("double precision", "0." + "3".repeat(5_000), "0.3333333333333333"),
        Arguments.of("real", "0." + "3".repeat(5_000), "0.33333334"),
        Arguments.of("json", "[" + longest + "]", "="),
        Arguments.of("jsonb", "{\"n\":-" + longest + "}", "{\"n\": -" + longest + "}"),
        Arguments.of(
            "jsonb",
            "[" + digits + "," + digits + "e100]",
            "[" + digits + ", " + digits + "0".repeat(100) + "]"),
        Arguments.of("json", deep, "="),
        Arguments.of("jsonb", deep, "="),
        Arguments.of("text", '"' + text + '"', "="),
        Arguments.of("text", "\"\\u2028\\u2029\"", "\"\u2028\u2029\""),
        Arguments.of("varchar(65535)", '"' + "é".repeat(65_535) + '"', "="),
        Arguments.of("char(4096)", '"' + "é".repeat(4_096) + '"', "="),
        Arguments.of("bytea", base64, "="));
  }

  /// Up to 1 MiB.
  @ParameterizedTest
  @MethodSource("long_")
  void longValuesComeOutAsTheyWentIn(String type, String in, String out) {
    assertRoundTrip(type, in, out);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          smallint | 32768
          smallint | -32769
          smallint | 1.5
          smallint | 1e-1
          smallint | 1e99999999999
          smallint | "0x10"
          smallint | ""
          smallint | " 1"
          smallint | true
          smallint | [1]
          smallint | "NaN"
          integer | 2147483648
          integer | -2147483649
          integer | "1_000"
          bigint | 9223372036854775808
          bigint | -9223372036854775809
          bigint | 1e19
          bigint | {}
          numeric(5,2) | 1000
          numeric(5,2) | 999.999
          numeric(5,2) | 0.001
          numeric(5,2) | 1e-3
          numeric(5,2) | 1e99999999999999999999
          numeric(5,2) | "Infinity"
          numeric(5,2) | "nan"
          numeric(5,2) | "1,5"
          numeric(5,2) | "."
          numeric(5,2) | "1e"
          numeric(5,2) | "+"
          numeric | 1e131072
          numeric | 1e-16384
          numeric | "0x1F"
          real | 3.5e38
          real | 1e-46
          real | "inf"
          real | "1f"
          double precision | 1.8e308
          double precision | 1e-400
          double precision | -1e999999999999
          double precision | "0x1p3"
          double precision | false
          boolean | 1
          boolean | "t"
          boolean | "TRUE"
          uuid | "{123e4567-e89b-12d3-a456-426614174000}"
          uuid | "123e4567-e89b-12d3-a456-42661417400"
          uuid | 1
          date | "-4713-11-23"
          date | "+5874898-01-01"
          date | "2026-02-29"
          date | "1900-02-29"
          date | "10000-01-01"
          date | "2026-02-28T00:00:00"
          date | "2026-2-1"
          date | "today"
          date | "Infinity"
          date | 20260228
          time | "24:00:00.000001"
          time | "24:00:01"
          time | "23:59:60"
          time | "23:59:59.9999999"
          time | "10:00:00Z"
          time | "infinity"
          time(3) | "10:00:00.0001"
          timetz | "10:00:00"
          timetz | "10:00:00+16:00"
          timetz | "10:00:00-16:00"
          timetz | "10:00:00+02:60"
          timetz | "24:00:01Z"
          timestamp | "-4713-11-23T23:59:59.999999"
          timestamp | "+294277-01-01T00:00:00"
          timestamp | "2026-02-28T23:59:59Z"
          timestamp | "2026-02-28T24:00:00"
          timestamp | "2026-02-28"
          timestamp | "2026-02-28T23:59:59.0000001"
          timestamptz | "-4713-11-24T00:00:00+00:00:01"
          timestamptz | "+294276-12-31T23:59:59-01:00"
          timestamptz | "2026-02-28T23:59:59"
          timestamptz | "2026-02-28T23:59:59[UTC]"
          timestamptz | "2026-02-28T23:59:59 Europe/Berlin"
          timestamptz | "2026-02-29T00:00:00Z"
          timestamptz(0) | "2026-02-28T23:59:59.1Z"
          interval | "P"
          interval | "PT"
          interval | "P1DT"
          interval | "1 day"
          interval | "-P1D"
          interval | "P1.5D"
          interval | "PT1.1234567S"
          interval | "P2147483648M"
          interval | "P178956970Y8M"
          interval | "P2147483648D"
          interval | "P306783379W"
          interval | "PT9223372036854.775808S"
          interval | "PT-9223372036854.775808S"
          interval | "PT2562047789H"
          interval | "PT999999999999999999M"
          interval | "infinity"
          interval(3) | "PT1.0001S"
          text | "a\\u0000b"
          text | "\\ud800"
          text | "\\ud83d \\ude00"
          text | "\\ude00\\ud83d"
          text | 1
          text | {"a":1}
          text | true
          varchar(3) | "abcd"
          varchar(3) | "abc "
          varchar(3) | "😀😀😀😀"
          char(2) | "abc"
          char(2) | "ab "
          char | "ab"
          bytea | "3q2-7w=="
          bytea | "3q2+7w="
          bytea | "\\\\xdead"
          bytea | 1
          json | "\\u0000"
          json | ["\\ud800"]
          json | {"\\udc00":1}
          jsonb | "\\u0000"
          jsonb | {"a\\u0000":1}
          jsonb | ["\\ud800"]
          jsonb | 1e131072
          jsonb | {"a":["1",[-1e-16384]]}
          jsonb | [1,2e999999999999]
          """)
  void aValueThatTheColumnCannotHoldIsRefusedAtItsPlace(String type, String in) {
    String table = table(type);
    JsonObject problem =
        problem(
            RequestRejected.class,
            () ->
                function.invoke(
                    "{\"action\":\"insert\",\"table\":\"%s\",\"rows\":[{\"id\":-1},{\"id\":-2,\"v\":%s}]}"
                        .formatted(table, in)));
    assertEquals(List.of("/rows/1/v invalid_value"), faults(problem), problem.toString());
    String text = problem.toString();
    for (String leak : List.of("INSERT", "SELECT", "syntax", "ERROR", table)) {
      assertFalse(text.contains(leak), text);
    }
  }

  /// What others have put into the table.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          smallint | -32768 | -32768
          integer | -2147483648 | -2147483648
          bigint | -9223372036854775808 | "-9223372036854775808"
          numeric | 1e1000 | *
          numeric | 1e-16383 | *
          numeric | 'NaN' | "NaN"
          real | '-0' | -0
          real | 'NaN' | "NaN"
          real | 1.1754944e-38 | 1.1754944e-38
          double precision | 1e-310 | 1e-310
          double precision | '-Infinity' | "-Infinity"
          double precision | 1e21 | 1e+21
          char(5) | 'ab' | "ab   "
          bpchar | 'ab  ' | "ab  "
          date | '4714-11-24 BC' | "-4713-11-24"
          date | '0001-12-31 BC' | "0000-12-31"
          date | '10000-01-01' | "+10000-01-01"
          date | '5874897-12-31' | "+5874897-12-31"
          date | '-infinity' | "-infinity"
          time | '24:00' | "24:00:00"
          timetz | '24:00 -15:59:59' | "24:00:00-15:59:59"
          timetz | '10:00 +05:30' | "10:00:00+05:30"
          timestamp | '4714-11-24 00:00:00 BC' | "-4713-11-24T00:00:00"
          timestamp | '0001-02-29 12:00:00.5 BC' | "0000-02-29T12:00:00.5"
          timestamp | '294276-12-31 23:59:59.999999' | "+294276-12-31T23:59:59.999999"
          timestamp | 'infinity' | "infinity"
          timestamptz | '4714-11-24 00:00:00+00 BC' | "-4713-11-24T00:00:00Z"
          timestamptz | '0044-03-15 12:00:00.000001+00 BC' | "-0043-03-15T12:00:00.000001Z"
          timestamptz | '294276-12-31 23:59:59.999999+00' | "+294276-12-31T23:59:59.999999Z"
          timestamptz | '-infinity' | "-infinity"
          interval | '-178956970 years -8 mons' | "P-178956970Y-8M"
          interval | '1 mon -1 day +00:00:01' | "P1M-1DT1S"
          interval | '-1 mon 1 day -00:00:01.5' | "P-1M1DT-1.5S"
          interval | '-9223372036854775808 us' | "PT-2562047788H-54.775808S"
          interval | '9223372036854775807 us' | "PT2562047788H54.775807S"
          interval | '2147483647 days' | "P2147483647D"
          interval | '1 year 1 mon 1 day 01:01:01' | "P1Y1M1DT1H1M1S"
          interval | '0' | "PT0S"
          bytea | '\\x00ff' | "AP8="
          json | '{"a" : 1, "a" : 1.0, "n":1e-99999}' | {"a" : 1, "a" : 1.0, "n":1e-99999}
          json | '"\\u0000\\ud800"' | "\\u0000\\ud800"
          json | 'null' | null
          jsonb | '{"a":{"b":1e400}}' | *
          jsonb | 'null' | null
          text | E'\\x01\\x7f\\t' | "\\u0001\u007f\\t"
          boolean | 't' | true
          money | '-92233720368547758.08' | "-$92,233,720,368,547,758.08"
          integer[] | '{1,NULL,3}' | "{1,NULL,3}"
          int4range | '[1,5)' | "[1,5)"
          inet | '::1/64' | "::1/64"
          tsvector | 'a b' | "'a' 'b'"
          """)
  void whateverIsStoredComesOut(String type, String literal, String out) throws SQLException {
    String table = table(type);
    int id = ++rows;
    Tables.run(dsql, "INSERT INTO public.%s VALUES (%d, %s)".formatted(table, id, literal));
    String v = queried(table, id);
    if (!out.equals("*")) {
      assertEquals(out, v);
    }
    // It goes in again as it came out, but for what the server itself cannot read again, and types
    // that the function does not know.
    boolean known = ColumnType.ofCatalog(type).base() != ColumnType.Base.OTHER;
    if (known && !type.contains("json") && !v.contains("-54.775808")) {
      assertEquals(v, inserted(table, ++rows, v, ""));
      assertEquals(
          "t",
          Tables.value(
              dsql,
              "SELECT a.v::text = b.v::text FROM public.%s a, public.%s b WHERE a.id = %d AND b.id = %d"
                  .formatted(table, table, id, rows)));
    }
  }

  @Test
  void storedJsonIsAsDeepAsItIs() throws SQLException {
    String deep = "[".repeat(5_000) + "]".repeat(5_000);
    for (String type : List.of("json", "jsonb")) {
      int id = ++rows;
      Tables.run(dsql, "INSERT INTO public.%s VALUES (%d, '%s')".formatted(table(type), id, deep));
      String reply = query(table(type), "\"where\":{\"id\":" + id + "}");
      assertTrue(reply.contains("{\"v\":" + deep + "}"));
    }
  }

  /// A value that the column cannot hold may be compared with it.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          smallint | 7 | 7.0 | 1
          smallint | 7 | 7.5 | 0
          smallint | 7 | 40000 | 0
          smallint | 7 | 1e131071 | 0
          smallint | 7 | {"lt":40000} | 1
          smallint | 7 | {"gt":6.5} | 1
          smallint | 7 | {"ne":7.5} | 1
          integer | 7 | {"in":[7,7.5,"3000000000"]} | 1
          integer | 7 | {"notIn":[7.5,3000000000]} | 1
          integer | 7 | {"between":[6.5,3e9]} | 1
          bigint | 9223372036854775807 | {"lt":9223372036854775808} | 1
          bigint | 9223372036854775807 | {"gt":-1e30} | 1
          integer | 7 | "99999999999999999999999" | 0
          integer | 7 | 7e-16383 | 0
          bigint | 7 | 9223372036854775808 | 0
          bigint | 7 | -9223372036854775809 | 0
          numeric(5,2) | 1.10 | 1.1 | 1
          numeric(5,2) | 1.10 | 1.100000000000000000001 | 0
          numeric(5,2) | 1.10 | {"lt":1.1000001} | 1
          numeric(5,2) | 1.10 | 1e1000 | 0
          numeric(5,2) | 1.10 | "Infinity" | 0
          numeric(5,2) | "NaN" | "NaN" | 1
          real | 0.1 | 0.1 | 1
          double precision | 0.1 | 0.1000000000000000055511151231257827 | 1
          double precision | "NaN" | "NaN" | 1
          double precision | -0.0 | 0 | 1
          varchar(3) | "abc" | "abcd" | 0
          varchar(3) | "abc" | "abc " | 0
          char(5) | "ab" | "ab" | 1
          char(5) | "ab" | "ab        " | 1
          char(5) | "ab" | "ab   c" | 0
          text | "é" | "e\u0301" | 0
          time(3) | "10:00:00.123" | "10:00:00.123400" | 0
          timestamptz(0) | "2026-02-28T23:59:59Z" | "2026-02-28T23:59:59.5Z" | 0
          timestamptz | "2026-02-28T23:59:59Z" | "2026-03-01T00:59:59+01:00" | 1
          interval | "P1D" | "PT24H" | 1
          bytea | "3q2+7w==" | "3q2+7w==" | 1
          jsonb | 1.0 | 1 | 1
          uuid | "123e4567-e89b-12d3-a456-426614174000" | "123E4567E89B12D3A456426614174000" | 1
          """)
  void comparesAColumnWithValuesItCanAndCannotHold(
      String type, String stored, String with, String count) {
    String table = table(type);
    inserted(table, ++rows, stored, "");
    assertEquals(
        count,
        at(query(table, "\"where\":{\"id\":" + rows + ",\"v\":" + with + "}"), "page/count"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          smallint | true
          integer | "x"
          integer | 1e131072
          numeric(5,2) | 1e131072
          real | 1e39
          time | "10:00:00.0000001"
          date | "2026-02-30"
          text | "\\u0000"
          uuid | "x"
          """)
  void refusesWhatCannotBeCompared(String type, String with) {
    String table = table(type);
    JsonObject problem =
        problem(RequestRejected.class, () -> query(table, "\"where\":{\"v\":" + with + "}"));
    assertEquals(List.of("/where/v invalid_value"), faults(problem), problem.toString());
  }

  /// The driver makes a statement a server-side one at its fifth run, and may then take its results
  /// in another form.
  @Test
  void repeatedStatementsAnswerTheSame() {
    Map<String, String> extremes = new HashMap<>();
    extremes.put("smallint", "-32768");
    extremes.put("bigint", "\"-9223372036854775808\"");
    extremes.put("numeric", "\"0.0000001\"");
    extremes.put("real", "1e-45");
    extremes.put("double precision", "1e+15");
    extremes.put("boolean", "true");
    extremes.put("bytea", "\"3q2+7w==\"");
    extremes.put("uuid", "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"");
    extremes.put("date", "\"-infinity\"");
    extremes.put("time", "\"24:00:00\"");
    extremes.put("timetz", "\"24:00:00-15:59:59\"");
    extremes.put("timestamp", "\"-4713-11-24T00:00:00\"");
    extremes.put("timestamptz", "\"+294276-12-31T23:59:59.999999Z\"");
    extremes.put("interval", "\"P-178956970Y-8M-2147483648DT-2562047788H-54.775807S\"");
    extremes.forEach((type, value) -> {
      for (int i = 0; i < 12; i++) {
        assertEquals(value, inserted(table(type), ++rows, value, ""), type);
      }
    });
  }

  /// The driver has the server speak in the JVM's time zone.
  @ParameterizedTest
  @CsvSource({"Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"})
  void aTimestamptzIsInUtcWhateverTheJvmsTimeZone(String zone) {
    String table = table("timestamptz");
    TimeZone before = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone(ZoneId.of(zone)));
    try (LocalFunction elsewhere = new LocalFunction(dsql, Map.of())) {
      for (String value :
          List.of(
              "\"2026-02-28T23:59:59.123456Z\"",
              "\"2026-07-01T00:00:00Z\"",
              "\"1800-01-01T00:00:00.5Z\"",
              "\"-0043-03-15T12:00:00.000001Z\"",
              "\"-4713-11-24T00:00:00Z\"",
              "\"9999-12-31T23:59:59.999999Z\"",
              "\"+294276-12-31T23:59:59.999999Z\"",
              "\"infinity\"")) {
        inserted(table, ++rows, value, "");
        assertEquals(value, value(query(elsewhere, table, "\"where\":{\"id\":" + rows + "}")));
      }
    } finally {
      TimeZone.setDefault(before);
    }
  }

  /// A table made anew by others, while its old shape is still known here.
  @Test
  void aColumnOfAnotherTypeThanKnownIsReadAsWhatItIs() throws SQLException {
    for (String type : List.of("json", "jsonb", "integer", "double precision", "boolean", "date")) {
      Tables.fresh(dsql, "changing", "id integer PRIMARY KEY, v " + type);
      try (LocalFunction fresh = new LocalFunction(dsql, Map.of())) {
        fresh.invoke("{\"action\":\"query\",\"table\":\"changing\"}");
        Tables.fresh(dsql, "changing", "id integer PRIMARY KEY, v text");
        for (String text : List.of("{\"a", "01", "1-2", "1.", "1e", "-", "", "2026-02-28 x")) {
          Tables.run(dsql, "DELETE FROM public.changing");
          Tables.run(dsql, "INSERT INTO public.changing VALUES (1, '" + text + "')");
          String reply = fresh.invoke("{\"action\":\"query\",\"table\":\"changing\"}");
          assertEquals(text, at(reply, "rows/0/v"), type);
        }
      }
    }
    Tables.drop(dsql, "changing");
  }

  private void assertRoundTrip(String type, String in, String expected) {
    String out = expected.equals("=") ? in : expected;
    String table = table(type);
    int id = ++rows;
    assertEquals(out, inserted(table, id, in, ""), "returned");
    assertEquals(out, queried(table, id), "queried");
    if (in.getBytes(StandardCharsets.UTF_8).length < LEDGER_BYTES) {
      String key = ",\"idempotencyKey\":\"matrix " + table + id + '"';
      int again = ++rows;
      assertEquals(out, inserted(table, again, in, key), "returned with a key");
      assertEquals(out, inserted(table, again, in, key), "replayed");
    }
    assertEquals(out, inserted(table, ++rows, out, ""), "as it came out");
    // A json column has no equality, and objects and arrays are not compared.
    if (!type.equals("json") && !in.matches("null|[\\[{](?s:.)*")) {
      String where = "\"where\":{\"id\":" + id + ",\"v\":" + in + "}";
      assertEquals("1", at(query(table, where), "page/count"), "found by its value");
    }
  }

  /// The table of one column of that type.
  private String table(String type) {
    return tables.computeIfAbsent(
        type,
        _ -> {
          String table = "matrix_" + type.replaceAll("[^a-z0-9]+", "_");
          try {
            Tables.fresh(dsql, table, "id integer PRIMARY KEY, v " + type);
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
          return table;
        });
  }

  private String inserted(String table, int id, String value, String more) {
    return value(
        function.invoke(
            """
            {"action":"insert","table":"%s","rows":[{"id":%d,"v":%s}],"returning":["v"]%s}\
            """
                .formatted(table, id, value, more)));
  }

  private String queried(String table, int id) {
    return value(query(table, "\"where\":{\"id\":" + id + "}"));
  }

  private String query(String table, String where) {
    return query(function, table, where);
  }

  private static String query(LocalFunction function, String table, String where) {
    return function.invoke(
        "{\"action\":\"query\",\"table\":\"%s\",\"select\":[\"v\"],%s}".formatted(table, where));
  }

  /// The one value of a reply, to the letter.
  private static String value(String reply) {
    String before = "\"rows\":[{\"v\":";
    int start = reply.indexOf(before);
    int page = reply.indexOf(",\"page\":");
    int end = (page < 0 ? reply.length() - 1 : page) - "}]".length();
    assertTrue(start >= 0, reply);
    return reply.substring(start + before.length(), end);
  }
}
