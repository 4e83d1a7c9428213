package dsql.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class IdentifierTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a", "Order", "select", "a b", "1", "a.b", "é😀", "'", "\\", ";--", "?", "\n", " "
      })
  void quotesAnyNameUnchanged(String name) {
    assertEquals('"' + name + '"', new Identifier(name).quoted());
    assertEquals(name, new Identifier(name).toString());
  }

  @Test
  void doublesQuotes() {
    assertEquals("\"\"\"\"", new Identifier("\"").quoted());
    assertEquals("\"a\"\"\"\"b\"", new Identifier("a\"\"b").quoted());
  }

  @Test
  void countsBytesNotCharacters() {
    for (String fits :
        new String[] {"a".repeat(63), "é".repeat(31) + "a", "😀".repeat(15) + "abc"}) {
      assertEquals(fits, new Identifier(fits).name());
      assertThrows(IllegalArgumentException.class, () -> new Identifier(fits + "a"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0000", "\ud800", "a\udc00b", "\udc00\ud800"})
  void refusesWhatPostgresqlCannotStore(String name) {
    assertThrows(IllegalArgumentException.class, () -> new Identifier(name));
  }

  @Test
  void caseMatters() {
    assertNotEquals(new Identifier("a"), new Identifier("A"));
  }
}
