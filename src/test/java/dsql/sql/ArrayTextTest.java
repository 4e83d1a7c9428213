package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.action.ColumnType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class ArrayTextTest {

  @Test
  void elementsAreQuotedAndEscaped() {
    ArrayText array = new ArrayText();
    assertEquals(4, array.add(Parameter.NULL));
    assertEquals(7, array.add(new Parameter.Text("NULL")));
    assertEquals(3, array.add(new Parameter.Text("")));
    array.add(new Parameter.Text("a\"\\{},é"));
    array.add(Parameter.numeric("-1.5"));
    array.add(new Parameter.Bytes(new byte[] {0, -1}));
    assertEquals("{NULL,\"NULL\",\"\",\"a\\\"\\\\{},é\",\"-1.5\",\"\\\\x00ff\"}", array.toString());
  }

  @Test
  void noElementsAreAnEmptyArray() {
    assertEquals("{}", new ArrayText().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "varchar(3)|text",
        "char(3)|text",
        "numeric(8,2)|numeric(8,2)",
        "numeric|",
        "timestamp(3) without time zone|timestamp",
        "double precision|double precision",
        "jsonb|jsonb",
        "inet|",
      })
  void arraysHaveAnElementTypeThatLosesNothing(String column, String element) {
    assertEquals(
        element == null ? "" : element,
        ArrayText.elementType(ColumnType.ofCatalog(column)).orElse(""));
  }
}
