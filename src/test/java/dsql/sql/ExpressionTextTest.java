package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
final class ExpressionTextTest {

  private static final TableShape SHAPE =
      Shapes.of(0, "v varchar(9)", "s text", "n numeric(9,2)", "i integer");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          (i > 1) | ("i" > '1'::integer)
          ((v)::text = 'a'::text) | ("v" = 'a')
          (((i) > (1)) AND (n < (2)::numeric)) | (("i" > 1) AND ("n" < '2'))
          """)
  void whatMeansTheSameIsTheSameText(String first, String second) {
    assertEquals(ExpressionText.of(first, SHAPE), ExpressionText.of(second, SHAPE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          (i > 1) | (i > 2)
          ((n)::numeric(9,1) > 1) | (n > 1)
          ((n)::numeric(9,1) > 1) | ((n)::numeric(9,0) > 1)
          ((s)::varchar(3) = 'a') | (s = 'a')
          ((s)::character varying(3) = 'a') | ((s)::character varying(4) = 'a')
          ((s)::integer > 1) | (s > '1')
          ((i > 1) AND ((i < 5) OR (n > 1))) | (((i > 1) AND (i < 5)) OR (n > 1))
          (s = 'I') | (s = 'i')
          """)
  void whatMeansSomethingElseIsAnotherText(String first, String second) {
    assertNotEquals(ExpressionText.of(first, SHAPE), ExpressionText.of(second, SHAPE));
  }
}
