package dsql.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.action.ColumnType.Base;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class ColumnTypeTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          smallint | SMALLINT | smallint
          int2 | SMALLINT | smallint
          integer | INTEGER | integer
          int | INTEGER | integer
          int4 | INTEGER | integer
          INT | INTEGER | integer
          bigint | BIGINT | bigint
          int8 | BIGINT | bigint
          real | REAL | real
          float4 | REAL | real
          double precision | DOUBLE | double precision
          double  precision | DOUBLE | double precision
          float8 | DOUBLE | double precision
          numeric(12,2) | NUMERIC | numeric(12,2)
          numeric ( 12 , 2 ) | NUMERIC | numeric(12,2)
          decimal(12,2) | NUMERIC | numeric(12,2)
          dec(5) | NUMERIC | numeric(5,0)
          numeric(1000,1000) | NUMERIC | numeric(1000,1000)
          numeric(0000000012,02) | NUMERIC | numeric(12,2)
          char | CHAR | char
          char(1) | CHAR | char(1)
          character(4096) | CHAR | char(4096)
          bpchar | BPCHAR | bpchar
          varchar | VARCHAR | varchar
          varchar(65535) | VARCHAR | varchar(65535)
          character varying(30) | VARCHAR | varchar(30)
          text | TEXT | text
          date | DATE | date
          time | TIME | time
          time(3) | TIME | time(3)
          time without time zone | TIME | time
          timetz | TIMETZ | timetz
          time(0) with time zone | TIMETZ | timetz(0)
          timestamp(6) | TIMESTAMP | timestamp(6)
          timestamp (3) without time zone | TIMESTAMP | timestamp(3)
          timestamptz | TIMESTAMPTZ | timestamptz
          timestamp with time zone | TIMESTAMPTZ | timestamptz
          Timestamp(3) With Time Zone | TIMESTAMPTZ | timestamptz(3)
          interval | INTERVAL | interval
          boolean | BOOLEAN | boolean
          bool | BOOLEAN | boolean
          bytea | BYTEA | bytea
          uuid | UUID | uuid
          json | JSON | json
          jsonb | JSONB | jsonb
          """)
  void acceptsATypeInAnySpelling(String text, Base base, String sql) throws ColumnType.Refused {
    ColumnType type = ColumnType.forNewColumn(text);
    assertEquals(base, type.base());
    assertEquals(sql, type.sql());
    assertEquals(type, ColumnType.ofCatalog(sql), "its own spelling means the same");
  }

  @Test
  void blanksAreThoseOfSql() throws ColumnType.Refused {
    assertEquals("varchar(30)", ColumnType.forNewColumn("\t\r\n\fvarchar\u000b(\n30\t)\f").sql());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          numeric | give precision and scale: DSQL would round a bare numeric to (18,6)
          decimal | give precision and scale: DSQL would round a bare numeric to (18,6)
          numeric(0) | numeric takes a length of 1 to 1000
          numeric(1001,2) | numeric takes a length of 1 to 1000
          numeric(2,3) | the scale of a numeric must not exceed its precision
          char(0) | char takes a length of 1 to 4096
          char(4097) | char takes a length of 1 to 4096
          varchar(0) | varchar takes a length of 1 to 65535
          varchar(65536) | varchar takes a length of 1 to 65535
          varchar(100000) | varchar takes a length of 1 to 65535
          varchar(3,2) | varchar takes no scale
          timestamp(7) | timestamp takes a length of 0 to 6
          time(3,1) | time takes no scale
          integer(4) | integer takes no length
          text(5) | text takes no length
          uuid(1) | uuid takes no length
          double precision(3) | double precision takes no length
          """)
  void refusesAModifierAndSaysWhy(String text, String reason) {
    ColumnType.Refused refused =
        assertThrows(ColumnType.Refused.class, () -> ColumnType.forNewColumn(text));
    assertEquals(reason, refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "serial",
        "bigserial",
        "money",
        "xml",
        "inet",
        "point",
        "tsvector",
        "int4range",
        "bit",
        "varbit",
        "int[]",
        "text[]",
        "integer array",
        "\"char\"",
        "varchar(-1)",
        "varchar()",
        "varchar(3",
        "numeric(5,-2)",
        "numeric(1,2,3)",
        "text with time zone",
        "timestamp with",
        "text; DROP TABLE t",
        "text DEFAULT 1",
        "text/**/",
        "texT\u0130",
        "varchar(9999999999)",
        "timestamp with time zone(3)",
        "time without time zone (3)",
        "int\u2003",
        "int\u001c"
      })
  void refusesAnyOtherTypeAndListsTheAcceptedOnes(String text) {
    ColumnType.Refused refused =
        assertThrows(ColumnType.Refused.class, () -> ColumnType.forNewColumn(text));
    assertEquals("not a column type; accepted: " + ColumnType.accepted(), refused.getMessage());
  }

  @Test
  void namesWhatItAccepts() {
    assertEquals(
        "smallint, integer, bigint, real, double precision, numeric, char, bpchar, varchar, text,"
            + " date, time, timetz, timestamp, timestamptz, interval, boolean, bytea, uuid, json,"
            + " jsonb and their PostgreSQL aliases",
        ColumnType.accepted());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          character varying(30) | VARCHAR | 30
          character(1) | CHAR | 1
          timestamp(3) without time zone | TIMESTAMP | 3
          timestamp without time zone | TIMESTAMP | -1
          time with time zone | TIMETZ | -1
          interval(3) | INTERVAL | 3
          numeric | NUMERIC | -1
          """)
  void readsTheCatalogsSpelling(String text, Base base, int length) {
    ColumnType type = ColumnType.ofCatalog(text);
    assertEquals(base, type.base());
    assertEquals(length < 0 ? OptionalInt.empty() : OptionalInt.of(length), type.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"integer[]", "inet", "interval day to second", "\"My Enum\"", "record"})
  void keepsUnknownTypesOfTheCatalog(String text) {
    assertEquals(
        new ColumnType(Base.OTHER, OptionalInt.empty(), OptionalInt.empty(), text),
        ColumnType.ofCatalog(text));
  }

  @ParameterizedTest
  @EnumSource(Base.class)
  void someTypesHaveNoOrderAndSomeCannotBeAKey(Base base) {
    boolean refused =
        switch (base) {
          case BYTEA, INTERVAL, TIMETZ, JSON, JSONB -> true;
          default -> false;
        };
    assertEquals(!refused, base.canBeKey());
    assertEquals(base != Base.JSON, base.hasOrder());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gen_random_uuid() | uuid | timestamptz
          NOW() | timestamptz | uuid
          now() | date | integer
          current_timestamp | timestamp | interval
          ' Current_Date ' | date | time
          current_time | timetz | timestamptz
          now() | text | boolean
          """)
  void defaultFunctionsFitSomeTypes(String text, String fits, String not)
      throws ColumnType.Refused {
    DefaultFunction function = DefaultFunction.of(text).orElseThrow();
    assertTrue(function.fits(ColumnType.forNewColumn(fits)));
    assertFalse(function.fits(ColumnType.forNewColumn(not)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "now",
        "now ()",
        "now();",
        "now()\u2003",
        "uuid_generate_v4()",
        "random()",
        "1"
      })
  void thereIsNoOtherDefaultFunction(String text) {
    assertTrue(DefaultFunction.of(text).isEmpty());
  }

  @Test
  void defaultFunctionsAreWrittenAsTheyAreNamed() {
    for (DefaultFunction function : DefaultFunction.values()) {
      assertEquals(function, DefaultFunction.of(function.sql()).orElseThrow());
    }
    assertEquals(
        "gen_random_uuid(), now(), current_timestamp, current_date, current_time",
        DefaultFunction.ACCEPTED);
  }

  @ParameterizedTest
  @CsvSource({
    "integer,an integer",
    "interval,an interval",
    "uuid,a uuid",
    "bigint,a bigint",
    "text,a text",
    "smallint,a smallint"
  })
  void hasItsArticleInASentence(String type, String said) {
    assertEquals(said, ColumnType.ofCatalog(type).withArticle());
  }
}
