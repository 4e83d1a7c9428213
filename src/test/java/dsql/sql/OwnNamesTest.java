package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.Create;
import dsql.action.Create.IfExists;
import dsql.action.Identifier;
import dsql.local.LocalDsql;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The names are those that PostgreSQL gives.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class OwnNamesTest {

  private final LocalDsql dsql;

  OwnNamesTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "own",
        "Own \"quoted\"",
        "a_name_of_exactly_fifty_eight_bytes_which_is_the_longest_one",
        "a_name_of_exactly_sixty_three_bytes_which_is_the_longest_there_",
        "ein_schöner_langer_name_mit_ümläuten_ääääääää",
        "ääääääääääääääääääääääääääääääa",
        "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"
      })
  void theyAreTheNamesThatPostgresMakes(String table) throws SQLException {
    for (String other : List.of("id", "größe", table)) {
      Create create = create(new Identifier(table), new Identifier(other));
      Tables.run(dsql, "DROP SCHEMA IF EXISTS own CASCADE; CREATE SCHEMA own");
      Tables.run(dsql, CreateSql.table(create, new Identifier("own")));
      String names =
          Tables.value(
              dsql,
              "SELECT array_to_string(array_agg(relname::text ORDER BY relname::text COLLATE"
                  + " \"C\"), '|') FROM pg_class WHERE relnamespace = 'own'::regnamespace"
                  + " AND relkind <> 't'");
      assertEquals(names, String.join("|", new TreeSet<>(OwnNames.of(create).keySet())));
      Tables.run(dsql, "DROP SCHEMA own CASCADE");
    }
  }

  private static Create create(Identifier table, Identifier other) {
    Identifier a = new Identifier("a");
    List<Column> columns =
        List.of(column(other, "bigint", OptionalInt.of(1)), column(a, "text", OptionalInt.empty()));
    return new Create(
        table,
        columns,
        List.of(other),
        List.of(List.of(a), List.of(a, other), List.of(other)),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        IfExists.VERIFY,
        false);
  }

  private static Column column(Identifier name, String type, OptionalInt identity) {
    return new Column(
        name, ColumnType.ofCatalog(type), identity.isEmpty(), Optional.empty(), identity);
  }
}
