package dsql.sql;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.Tables;
import dsql.action.Create;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Query;
import dsql.action.Request;
import dsql.codec.RequestDecoder;
import dsql.codec.RequestText;
import dsql.db.jdbc.Parameters;
import dsql.json.JsonText;
import dsql.local.LocalDsql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A query is written so that an index of the same table can serve it. The planner of PostgreSQL
/// says so; it may not read the whole table here unless it must.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class IndexedQueriesTest {

  private static final Identifier SCHEMA = new Identifier("indexed");

  private static final String CREATE =
      """
      {"action":"create","table":"t","columns":[{"name":"id","type":"integer"},
       {"name":"kind","type":"varchar(9)"},{"name":"doc","type":"jsonb"}],"primaryKey":["id"],
       "indexes":[{"name":"served","columns":[PARTS]REST}]}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"column":"doc","at":"/a/b"} | | "where":{"doc":{"at":"/a/b","eq":"x"}}
          {"column":"doc","at":"/a/b"} | | "where":{"doc":{"at":"/a/b","in":["x","y"]}}
          {"column":"doc","at":"/a/0"} | | "where":{"doc":{"at":"/a/0","gte":"x","lt":"y"}}
          {"column":"doc","at":"/n","type":"numeric"} | | "where":{"doc":{"at":"/n","type":"numeric","gt":1.5}}
          {"column":"doc","at":"/n","type":"bigint"} | | "where":{"doc":{"at":"/n","type":"bigint","between":[1,2]}}
          {"column":"doc","at":"/n","type":"uuid"} | | "where":{"doc":{"at":"/n","type":"uuid","eq":"00000000-0000-0000-0000-000000000001"}}
          "kind",{"column":"doc","at":"/n"} | | "where":{"kind":"x","doc":{"at":"/n","eq":"y"}}
          {"column":"doc","at":"/n"} | ,"where":{"kind":"x"} | "where":{"kind":"x","doc":{"at":"/n","eq":"y"}}
          {"column":"doc","at":"/n"} | ,"where":{"doc":{"at":"/open","type":"boolean","eq":true}} | "where":{"doc":{"at":"/open","type":"boolean","eq":true}}
          "kind" | | "where":{"kind":{"in":["x","y"]}}
          """)
  void aConditionIsServedByItsIndex(String parts, String rest, String where, LocalDsql dsql)
      throws Exception {
    Tables.freshSchema(dsql, SCHEMA.name());
    try (Connection connection = dsql.superuser().getConnection();
        Statement statement = connection.createStatement()) {
      Create create =
          (Create)
              decoded(CREATE.replace("PARTS", parts).replace("REST", rest == null ? "" : rest));
      statement.execute(CreateSql.table(create, SCHEMA));
      statement.execute(
          CreateSql.index(create, create.indexes().getFirst(), SCHEMA)
              .replace(" ASYNC IF NOT EXISTS", ""));
      // Nothing else is left to the planner.
      statement.execute("ALTER TABLE indexed.t DROP CONSTRAINT t_pkey");
      statement.execute("SET enable_seqscan = off");
      Query query = (Query) decoded("{\"action\":\"query\",\"table\":\"t\"," + where + "}");
      SelectSql select = SelectSql.of(query, CreateSql.shape(create, SCHEMA));
      String plan = plan(connection, select.page(Optional.empty(), 10, true));
      assertTrue(plan.contains("served"), plan);
    } finally {
      Tables.dropSchema(dsql, SCHEMA.name());
    }
  }

  private static Request decoded(String event) throws JsonText.Malformed {
    Faults faults = new Faults();
    return RequestDecoder.decode(RequestText.parse(event, faults), Optional.empty(), faults);
  }

  private static String plan(Connection connection, Sql sql) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (PreparedStatement explain = connection.prepareStatement("EXPLAIN " + sql.text())) {
      Parameters.bind(explain, sql.parameters());
      try (ResultSet row = explain.executeQuery()) {
        while (row.next()) {
          plan.append(row.getString(1)).append('\n');
        }
      }
    }
    return plan.toString();
  }
}
