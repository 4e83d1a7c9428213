package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Value;
import dsql.sql.ValueEncoder.Use;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each type takes. In the tables a value is JSON: a number, a word, or a string in `"`; `!`
/// stands for refused, `=` for the value's own text.
@Tag("unit")
class ValueEncoderTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          smallint | 32767 | =
          smallint | -32768 | =
          smallint | 32768 | !
          smallint | -32769 | !
          smallint | "32767" | 32767
          smallint | 1e2 | 100
          smallint | 1.0 | 1
          smallint | -0 | 0
          smallint | 0e99999 | 0
          smallint | 1.5 | !
          smallint | 1e-99999 | !
          smallint | 1e99999 | !
          smallint | true | !
          smallint | "" | !
          smallint | " 1" | !
          smallint | "1_000" | !
          smallint | "0x10" | !
          smallint | "١" | !
          smallint | "NaN" | !
          integer | 2147483647 | =
          integer | -2147483648 | =
          integer | 2147483648 | !
          integer | -2147483649 | !
          bigint | 9223372036854775807 | =
          bigint | -9223372036854775808 | =
          bigint | 9223372036854775808 | !
          bigint | -9223372036854775809 | !
          bigint | "9007199254740993" | 9007199254740993
          bigint | 922337203685477580.7e1 | 9223372036854775807
          numeric(5,2) | 999.99 | =
          numeric(5,2) | -999.99 | =
          numeric(5,2) | 1000 | !
          numeric(5,2) | 0.001 | !
          numeric(5,2) | 1.100 | =
          numeric(5,2) | 1e2 | =
          numeric(5,2) | 1e3 | !
          numeric(5,2) | -0 | =
          numeric(5,2) | 0e99999 | 0
          numeric(5,2) | "NaN" | NaN
          numeric(5,2) | "Infinity" | !
          numeric(5,2) | "nan" | !
          numeric(5,0) | 99999 | =
          numeric(5,0) | 100000 | !
          numeric(2,2) | 0.99 | =
          numeric(2,2) | 1 | !
          numeric(3,5) | 0.00999 | =
          numeric(3,5) | 0.01 | !
          numeric(3,5) | 0.000001 | !
          numeric(38,18) | "12345678901234567890.123456789012345678" | 12345678901234567890.123456789012345678
          numeric(38,18) | 12345678901234567890.1234567890123456789 | !
          numeric | 1e131071 | =
          numeric | 1e131072 | !
          numeric | 1e-16383 | =
          numeric | 1e-16384 | !
          numeric | "-Infinity" | -Infinity
          numeric | 1e400 | =
          numeric | [1] | !
          real | 3.4028235e38 | =
          real | 3.5e38 | !
          real | 1e-45 | =
          real | 1e-46 | !
          real | 0 | =
          real | -0.0 | =
          real | "NaN" | NaN
          real | "Infinity" | Infinity
          real | "-Infinity" | -Infinity
          real | "inf" | !
          real | 1e999999 | !
          double precision | 1.7976931348623157e308 | =
          double precision | 1.8e308 | !
          double precision | 4.9e-324 | =
          double precision | 1e-400 | !
          double precision | 0.1 | =
          double precision | "0x1p3" | !
          double precision | "1d" | !
          boolean | true | =
          boolean | "false" | false
          boolean | "t" | !
          boolean | 1 | !
          uuid | "123e4567-e89b-12d3-a456-426614174000" | 123e4567-e89b-12d3-a456-426614174000
          uuid | "123E4567E89B12D3A456426614174000" | 123E4567E89B12D3A456426614174000
          uuid | "{123e4567-e89b-12d3-a456-426614174000}" | !
          uuid | "123e4567-e89b12d3-a456-426614174000" | !
          uuid | "123e4567-e89b-12d3-a456-42661417400" | !
          uuid | "123e4567-e89b-12d3-a456-42661417400g" | !
          uuid | 1 | !
          """)
  void encodesNumbersBooleansAndUuids(String type, String value, String expected) {
    assertStores(type, value, expected);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          date | "0001-01-01" | 0001-01-01
          date | "0000-12-31" | 0001-12-31 BC
          date | "-4712-01-01" | 4713-01-01 BC
          date | "-4713-11-24" | 4714-11-24 BC
          date | "-4713-11-23" | !
          date | "9999-12-31" | 9999-12-31
          date | "+5874897-12-31" | 5874897-12-31
          date | "+5874898-01-01" | !
          date | "2024-02-29" | 2024-02-29
          date | "2026-02-29" | !
          date | "2026-2-1" | !
          date | "infinity" | infinity
          date | "-infinity" | -infinity
          date | "Infinity" | !
          date | "today" | !
          date | "2026-02-28T00:00:00" | !
          date | 20260228 | !
          time | "00:00:00" | 00:00
          time | "23:59:59.999999" | 23:59:59.999999
          time | "23:59:59.9999990" | 23:59:59.999999
          time | "23:59:59.9999999" | !
          time | "24:00:00" | 24:00:00
          time | "24:00:01" | !
          time | "23:59:60" | !
          time | "now" | !
          time(3) | "10:00:00.123" | 10:00:00.123
          time(3) | "10:00:00.1230" | 10:00:00.123
          time(3) | "10:00:00.1234" | !
          time(0) | "10:00:00.5" | !
          timetz | "10:00:00+02:00" | 10:00+02:00
          timetz | "10:00:00.5Z" | 10:00:00.500Z
          timetz | "10:00:00+0530" | 10:00+05:30
          timetz | "10:00:00-05" | 10:00-05:00
          timetz | "10:00:00+053015" | 10:00+05:30:15
          timetz | "10:00:00+0000" | 10:00Z
          timetz | "10:00:00+1600" | !
          timetz | "10:00:00+5" | !
          timetz | "10:00:00+053" | !
          timetz | "10:00:00+05:3015" | !
          timetz | "10:00:00+0560" | !
          timetz | "10:00:00" | !
          timestamp | "2026-02-28T23:59:59.123456" | 2026-02-28 23:59:59.123456
          timestamp | "2026-02-28 23:59:59" | 2026-02-28 23:59:59
          timestamp | "2026-02-28T23:59:59Z" | !
          timestamp | "+294276-12-31T23:59:59.999999" | 294276-12-31 23:59:59.999999
          timestamp | "+294277-01-01T00:00:00" | !
          timestamp | "-4712-01-01T00:00:00" | 4713-01-01 00:00 BC
          timestamp | "infinity" | infinity
          timestamptz | "2026-02-28T23:59:59.123456Z" | 2026-02-28 23:59:59.123456+00
          timestamptz | "2026-02-28T23:30:00-01:00" | 2026-03-01 00:30+00
          timestamptz | "0000-01-01T00:00:00Z" | 0001-01-01 00:00+00 BC
          timestamptz | "+294276-12-31T23:59:59-01:00" | !
          timestamptz | "2026-02-28T23:59:59" | !
          timestamptz | "2026-02-28T23:59:59[UTC]" | !
          timestamptz | "2026-02-28T23:30:00-0100" | 2026-03-01 00:30+00
          timestamptz | "2026-02-28 23:30:00.5-01" | 2026-03-01 00:30:00.500+00
          timestamptz | "2026-02-28T10:00+053015" | 2026-02-28 04:29:45+00
          timestamptz | "-0001-02-28T10:00:00+0000" | 0002-02-28 10:00+00 BC
          timestamptz | "2026-02-28T10:00:00+5" | !
          timestamptz | "2026-02-28T10:00:00+053" | !
          timestamptz | "2026-02-28T10:00:00+05:3015" | !
          timestamptz | "2026-02-28T10:00:00+1900" | !
          timestamptz | "2026-02-28" | !
          timestamptz | "-infinity" | -infinity
          timestamptz(0) | "2026-02-28T23:59:59.0Z" | 2026-02-28 23:59:59+00
          timestamptz(0) | "2026-02-28T23:59:59.1Z" | !
          interval | "P1Y2M3W4DT5H6M7.123456S" | 14 mons +25 days +18367123456 us
          interval | "PT0S" | 0 mons +0 days +0 us
          interval | "P-1DT-0.5S" | 0 mons -1 days -500000 us
          interval | "P" | !
          interval | "P1DT" | !
          interval | "PT1.1234567S" | !
          interval | "1 day" | !
          interval | "-P1D" | !
          interval(3) | "PT1.1230S" | 0 mons +0 days +1123000 us
          interval(3) | "PT1.1234S" | !
          """)
  void encodesDatesAndTimes(String type, String value, String expected) {
    assertStores(type, value, expected);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          text | "" | ``
          text | " x " | ` x `
          text | 1 | !
          text | {"a":1} | !
          varchar(3) | "abc" | abc
          varchar(3) | "abcd" | !
          varchar(3) | "ab " | `ab `
          varchar(3) | "😀😀😀" | 😀😀😀
          varchar(3) | "😀😀😀😀" | !
          varchar | "abcd" | abcd
          char(2) | "ab" | ab
          char(2) | "abc" | !
          char | "a" | a
          char | "ab" | !
          bpchar | "ab" | ab
          json | {"a":[1.10,null]} | =
          json | 1e400 | =
          json | false | =
          json | "x\\"y" | "x\\"y"
          jsonb | "\\u0000" | !
          jsonb | ["\\\\u0000"] | =
          jsonb | ["\\\\\\u0000"] | !
          jsonb | ["\\ud800"] | !
          jsonb | "\\ud83d\\ude00" | "😀"
          money | "1.50" | !
          numeric(5,-2) | 100 | !
          interval day to second(0) | "P1D" | !
          integer[] | "{1}" | !
          """)
  void encodesTextsAndJson(String type, String value, String expected) {
    assertStores(type, value, expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000", "a\u0000b", "\ud800", "\udc00", "a\ud800b", "\udc00\ud800"})
  void refusesTextThatPostgresqlCannotHold(String text) {
    for (String type : List.of("text", "varchar(10)", "char(10)", "money")) {
      assertThrows(
          InvalidValue.class,
          () -> ValueEncoder.encode(new Value.Text(text), ColumnType.ofCatalog(type), Use.STORE));
    }
  }

  @Test
  void encodesBytesFromBase64Only() throws InvalidValue {
    ColumnType bytea = ColumnType.ofCatalog("bytea");
    assertArrayEquals(
        new byte[] {(byte) 0xde, (byte) 0xad, (byte) 0xbe, (byte) 0xef},
        assertInstanceOf(
                Parameter.Bytes.class,
                ValueEncoder.encode(new Value.Text("3q2+7w=="), bytea, Use.STORE))
            .value());
    assertEquals(
        new Parameter.Bytes(new byte[0]),
        ValueEncoder.encode(new Value.Text(""), bytea, Use.STORE));
    for (String wrong : List.of("3q2-7w==", "3q2+7w=", "=", "a", "3q2+\n7w==", "\\xdead")) {
      assertThrows(
          InvalidValue.class,
          () -> ValueEncoder.encode(new Value.Text(wrong), bytea, Use.STORE),
          wrong);
    }
    assertThrows(
        InvalidValue.class, () -> ValueEncoder.encode(new Value.Num("1"), bytea, Use.STORE));
  }

  @ParameterizedTest
  @EnumSource(Base.class)
  void nullIsNullInEveryType(Base base) throws InvalidValue {
    ColumnType type = ColumnType.ofCatalog(base.sqlName());
    assertEquals(base, type.base());
    assertEquals(Parameter.NULL, ValueEncoder.encode(Value.NULL, type, Use.STORE));
    assertEquals(Parameter.NULL, ValueEncoder.encode(Value.NULL, type, Use.COMPARE));
  }

  /// What cannot be in the column may still be compared with it, except where the server would
  /// round it to something that is.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          varchar(3) | "abcd" | abcd
          char | "ab" | ab
          numeric(5,2) | 1000.001 | =
          numeric(5,2) | "Infinity" | Infinity
          time(3) | "10:00:00.1234" | 10:00:00.123400
          time(3) | "10:00:00.1234567" | !
          timestamptz(0) | "2026-02-28T23:59:59.5Z" | 2026-02-28 23:59:59.500+00
          smallint | 32767 | 32767
          text | "\\u0000" | !
          """)
  void encodesValuesToCompareWithThatAColumnCannotHold(String type, String value, String expected) {
    assertEncodes(type, value, expected, Use.COMPARE);
  }

  @Test
  void anIntegerIsComparedWithAnyNumber() throws InvalidValue {
    for (String type : List.of("smallint", "integer", "bigint")) {
      ColumnType column = ColumnType.ofCatalog(type);
      assertEquals(
          Parameter.numeric("0.9223372036854775808e19"),
          ValueEncoder.encode(new Value.Num("9223372036854775808"), column, Use.COMPARE));
      assertEquals(
          Parameter.numeric("-0.15e1"),
          ValueEncoder.encode(new Value.Num("-1.50"), column, Use.COMPARE));
      assertEquals(
          new Parameter.Text("-1"),
          ValueEncoder.encode(new Value.Num("-1.00"), column, Use.COMPARE));
      assertThrows(
          InvalidValue.class,
          () -> ValueEncoder.encode(new Value.Num("1e131072"), column, Use.COMPARE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bigint", "numeric", "numeric(10,2)", "double precision"})
  void megabytesOfDigitsAreRefusedAtOnce(String type) {
    ColumnType column = ColumnType.ofCatalog(type);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          for (String digits : List.of("9".repeat(5_000_000), "1" + "0".repeat(5_000_000))) {
            assertThrows(
                InvalidValue.class,
                () -> ValueEncoder.encode(new Value.Text(digits), column, Use.STORE));
          }
        });
  }

  @Test
  void theLongestNumericIsTaken() throws InvalidValue {
    String longest = "9".repeat(131_072) + "." + "9".repeat(16_383);
    assertEquals(
        new Parameter.Text(longest),
        ValueEncoder.encode(new Value.Text(longest), ColumnType.ofCatalog("numeric"), Use.STORE));
  }

  private static void assertStores(String type, String value, String expected) {
    assertEncodes(type, value, expected, Use.STORE);
  }

  private static void assertEncodes(String type, String json, String expected, Use use) {
    Value value = value(json);
    ColumnType column = ColumnType.ofCatalog(type);
    if (expected.equals("!")) {
      assertThrows(InvalidValue.class, () -> ValueEncoder.encode(value, column, use));
      return;
    }
    try {
      assertEquals(
          new Parameter.Text(expected.equals("=") ? json : expected),
          ValueEncoder.encode(value, column, use));
    } catch (InvalidValue e) {
      throw new AssertionError(e.detail(), e);
    }
  }

  private static Value value(String json) {
    return switch (json.charAt(0)) {
      case '"' -> new Value.Text(unescaped(json.substring(1, json.length() - 1)));
      case '[', '{' -> new Value.Structure(json);
      case 't', 'f' -> new Value.Bool(Boolean.parseBoolean(json));
      default -> new Value.Num(json);
    };
  }

  private static String unescaped(String text) {
    return text.replace("\\\"", "\"").replace("\\u0000", "\u0000").replace("\\ud83d\\ude00", "😀");
  }
}
