package dsql.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/// The protocol as pgjdbc speaks it, in every mode it has.
@Tag("endToEnd")
class ProtocolTest {
  private final LocalDsql dsql = Endpoints.shared();

  @BeforeEach
  void freshTable() throws SQLException {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists protocol");
      statement.execute("create table protocol (id int primary key, name text)");
    }
  }

  @ParameterizedTest
  @CsvSource({"-1,true", "0,true", "1,true", "5,true", "-1,false", "0,false", "1,false", "5,false"})
  void preparedStatementsWorkInEveryMode(String threshold, String binary) throws SQLException {
    UUID id = UUID.randomUUID();
    try (Connection connection = connect("prepareThreshold", threshold, "binaryTransfer", binary);
        PreparedStatement select =
            connection.prepareStatement(
                "select ?::int, ?::bigint, ?::text, ?::uuid, ?::bytea, ?::numeric, ?::boolean")) {
      for (int i = 0; i < 12; i++) {
        select.setInt(1, i);
        select.setLong(2, Long.MIN_VALUE);
        select.setString(3, "Zoë 'x'");
        select.setObject(4, id);
        select.setBytes(5, new byte[] {0, -1, 7});
        select.setString(6, "12345678901234567890.5");
        select.setBoolean(7, true);
        try (ResultSet row = select.executeQuery()) {
          assertTrue(row.next());
          assertEquals(i, row.getInt(1));
          assertEquals(Long.MIN_VALUE, row.getLong(2));
          assertEquals("Zoë 'x'", row.getString(3));
          assertEquals(id, row.getObject(4));
          assertArrayEquals(new byte[] {0, -1, 7}, row.getBytes(5));
          assertEquals("12345678901234567890.5", row.getString(6));
          assertTrue(row.getBoolean(7));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
  void transactionsWorkInEveryQueryMode(String mode) throws SQLException {
    try (Connection connection = connect("preferQueryMode", mode)) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("insert into protocol values (?, ?)")) {
        for (int i = 0; i < 8; i++) {
          insert.setInt(1, i);
          insert.setString(2, "n" + i);
          assertEquals(1, insert.executeUpdate());
        }
      }
      connection.commit();
      connection.setAutoCommit(true);
      assertEquals(8, count(connection));
    }
  }

  @Test
  void aWholeTransactionTakesOneRoundTrip() throws SQLException {
    try (Connection connection = connect("prepareThreshold", "2");
        PreparedStatement read =
            connection.prepareStatement(
                "begin read only; select count(*) from protocol where id > ?; commit")) {
      for (int i = 0; i < 6; i++) {
        read.setInt(1, i);
        read.execute();
        assertTrue(read.getMoreResults());
        assertEquals("0", first(read));
      }
      assertTrue(connection.getAutoCommit());
    }
  }

  @Test
  void answersTheDriversMetadata() throws SQLException {
    try (Connection connection = connect()) {
      DatabaseMetaData metadata = connection.getMetaData();
      assertEquals("postgres", connection.getCatalog());
      assertEquals("PostgreSQL", metadata.getDatabaseProductName());
      try (ResultSet table =
              metadata.getTables(null, "public", "protocol", new String[] {"TABLE"});
          ResultSet column = metadata.getColumns(null, "public", "protocol", "name");
          ResultSet key = metadata.getPrimaryKeys(null, "public", "protocol");
          ResultSet index = metadata.getIndexInfo(null, "public", "protocol", true, false)) {
        assertTrue(table.next());
        assertTrue(column.next());
        assertEquals("text", column.getString("TYPE_NAME"));
        assertTrue(key.next());
        assertEquals("id", key.getString("COLUMN_NAME"));
        assertTrue(index.next());
      }
    }
  }

  @Test
  void fetchesInPortions() throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(10);
        List<Integer> read = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("select generate_series(1, 25)")) {
          while (rows.next()) {
            read.add(rows.getInt(1));
          }
        }
        assertEquals(IntStream.rangeClosed(1, 25).boxed().toList(), read);
      }
      connection.commit();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void batchesUnderOneSync(String rewrite) throws SQLException {
    try (Connection connection = connect("reWriteBatchedInserts", rewrite)) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("insert into protocol values (?, ?)")) {
        for (int i = 0; i < 1000; i++) {
          insert.setInt(1, i);
          insert.setString(2, "n" + i);
          insert.addBatch();
        }
        assertEquals(1000, insert.executeBatch().length);
      }
      connection.commit();
      connection.setAutoCommit(true);
      assertEquals(1000, count(connection));
    }
  }

  @Test
  void anErrorSkipsToSync() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.addBatch("insert into protocol values (1, 'a')");
      statement.addBatch("insert into protocol values (1, 'b')");
      statement.addBatch("insert into protocol values (2, 'c')");
      assertThrows(BatchUpdateException.class, statement::executeBatch);
      assertEquals(0, count(connection));
    }
  }

  @Test
  void severalResultsAndNoticesArrive() throws SQLException {
    try (Connection connection = connect("preferQueryMode", "simple");
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      assertTrue(statement.execute("select 1; select 'a;b' -- ;\n; select 3"));
      assertEquals("1", first(statement));
      assertTrue(statement.getMoreResults());
      assertEquals("a;b", first(statement));
      assertTrue(statement.getMoreResults());
      assertEquals("3", first(statement));
      statement.execute("create table if not exists protocol (id int)");
      assertNotNull(statement.getWarnings());
    }
  }

  @Test
  void pointsAtTheErrorInAString() throws SQLException {
    try (Connection connection = connect("preferQueryMode", "simple");
        Statement statement = connection.createStatement()) {
      SQLException error =
          assertThrows(
              SQLException.class,
              () -> statement.execute("select 1; select nothing from protocol"));
      assertTrue(String.valueOf(error.getMessage()).contains("Position: 18"), error.getMessage());
    }
  }

  @Test
  void copiesInAndOut() throws SQLException, IOException {
    try (Connection connection = connect()) {
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      assertEquals(2, copy.copyIn("copy protocol from stdin", new StringReader("1\ta\n2\t\\N\n")));
      connection.setAutoCommit(false);
      assertEquals(
          1,
          copy.copyIn(
              "COPY protocol FROM STDIN WITH (FORMAT csv, HEADER)",
              new StringReader("id,name\n3,\"x,y\"\n")));
      connection.commit();
      connection.setAutoCommit(true);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      assertEquals(3, copy.copyOut("COPY (SELECT * FROM protocol ORDER BY id) TO STDOUT", out));
      assertEquals("1\ta\n2\t\\N\n3\tx,y\n", out.toString(UTF_8));
    }
  }

  @Test
  void abortsACopy() throws SQLException {
    try (Connection connection = connect()) {
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      CopyIn in = copy.copyIn("copy protocol from stdin");
      in.writeToCopy("1\ta\n".getBytes(UTF_8), 0, 4);
      in.cancelCopy();
      SQLException bad =
          assertThrows(
              SQLException.class,
              () -> copy.copyIn("copy protocol from stdin", new StringReader("no number\n")));
      assertEquals("22P02", bad.getSQLState());
      assertEquals(0, count(connection));
    }
  }

  @Test
  void countsTheRowsOfACopy() throws SQLException {
    String rows = IntStream.range(0, 3001).mapToObj(i -> i + "\tx\n").collect(Collectors.joining());
    try (Connection connection = connect()) {
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      SQLException refused =
          assertThrows(
              SQLException.class,
              () -> copy.copyIn("copy protocol from stdin", new StringReader(rows)));
      assertEquals("54000", refused.getSQLState());
      assertEquals(0, count(connection));
    }
  }

  @Test
  void closesOnAMessageTooLong() throws SQLException {
    try (Connection connection = connect();
        PreparedStatement insert =
            connection.prepareStatement("insert into protocol values (1, ?)")) {
      insert.setString(1, "x".repeat(11 * 1024 * 1024));
      SQLException cut = assertThrows(SQLException.class, insert::executeUpdate);
      assertTrue(String.valueOf(cut.getSQLState()).startsWith("08"), cut.getSQLState());
    }
  }

  @Test
  void limitsTheBytesOfAValue() throws SQLException {
    byte[] noise = new byte[1024 * 1024 + 1];
    new Random(1).nextBytes(noise);
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists protocol_bytes");
      statement.execute("create table protocol_bytes (b bytea)");
      try (PreparedStatement insert =
          connection.prepareStatement("insert into protocol_bytes values (?)")) {
        insert.setBytes(1, noise);
        SQLException refused = assertThrows(SQLException.class, insert::executeUpdate);
        assertEquals("54000", refused.getSQLState());
        assertTrue(
            String.valueOf(refused.getMessage())
                .contains("datatype limit greater than 1048576 bytes not supported for bytea"),
            refused.getMessage());
        insert.setBytes(1, new byte[2 * 1024 * 1024]);
        assertEquals(1, insert.executeUpdate());
      }
    }
  }

  @Test
  void limitsTheBytesOfATransaction() throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("insert into protocol values (?, ?)")) {
        for (int i = 0; i < 3; i++) {
          insert.setInt(1, i);
          insert.setString(2, "x".repeat(4 * 1024 * 1024));
          insert.executeUpdate();
        }
      }
      SQLException refused = assertThrows(SQLException.class, connection::commit);
      assertEquals("54000", refused.getSQLState());
      connection.rollback();
      connection.setAutoCommit(true);
      assertEquals(0, count(connection));
    }
  }

  private Connection connect(String... more) throws SQLException {
    return Endpoints.connect(dsql, "admin", dsql.token("admin"), "direct", more);
  }

  private static int count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from protocol")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static String first(Statement statement) throws SQLException {
    ResultSet rows = statement.getResultSet();
    rows.next();
    return rows.getString(1);
  }
}
