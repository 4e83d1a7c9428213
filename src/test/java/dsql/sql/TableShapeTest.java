package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dsql.action.Identifier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class TableShapeTest {

  private final TableShape shape = Shapes.of(1, "z uuid", "a text", "Z integer");

  @Test
  void keepsTheTablesOrder() {
    assertEquals(List.of("z", "a", "Z"), List.copyOf(shape.columns().keySet()));
  }

  @Test
  void findsColumnsByTheirExactName() {
    assertEquals(
        Optional.of("integer"), shape.column(new Identifier("Z")).map(c -> c.type().sql()));
    assertEquals(Optional.empty(), shape.column(new Identifier("A")));
  }

  @Test
  void qualifiesAndQuotes() {
    TableShape hostile =
        new TableShape(new Identifier("s\".x"), new Identifier("t;--"), Map.of(), List.of());
    assertEquals("\"s\"\".x\".\"t;--\"", hostile.qualified());
  }

  @Test
  void doesNotSeeLaterChangesOfItsList() {
    Map<String, TableShape.ColumnShape> columns = new HashMap<>(shape.columns());
    TableShape copy = new TableShape(shape.schema(), shape.table(), columns, shape.primaryKey());
    columns.clear();
    assertEquals(3, copy.columns().size());
    assertThrows(UnsupportedOperationException.class, () -> copy.columns().clear());
  }
}
