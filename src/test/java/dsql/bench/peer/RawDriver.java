package dsql.bench.peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

/// One held connection and a JSON generator: the statements that the function sends and the replies
/// that it writes, with nothing around them. Confined to one thread.
public final class RawDriver {

  private static final JsonFactory JSON = new JsonFactory();

  /// The columns of a table of people.
  public static final List<String> PEOPLE = List.of("id", "name", "city", "telephone");

  private static final List<String> TYPES =
      List.of("uuid", "varchar(30)", "varchar(80)", "varchar(20)");

  private final Connection connection;

  public RawDriver(Connection connection) {
    this.connection = connection;
  }

  /// One row, its id returned.
  public byte[] insert(String table) throws SQLException, IOException {
    String text =
        "INSERT INTO public." + table + " (name, city, telephone) VALUES (?, ?, ?) RETURNING id";
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      bindPerson(statement);
      return inserted(table, statement);
    }
  }

  /// The same with its ledger row.
  public byte[] keyed(String table, String key) throws SQLException, IOException {
    String text =
        "WITH ins AS (INSERT INTO public."
            + table
            + " (name, city, telephone) VALUES (?, ?, ?) RETURNING id), led AS (INSERT INTO"
            + " public.dsql_ledger (key, fingerprint, next_row, written, returned, expires_at)"
            + " SELECT ?::text, ?::text, 1, 1, (SELECT jsonb_agg(jsonb_build_array(id::text)) FROM"
            + " ins), now() + ?::interval) SELECT id FROM ins";
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      bindPerson(statement);
      statement.setString(4, key);
      statement.setString(5, "fingerprint");
      statement.setString(6, "P7D");
      return inserted(table, statement);
    }
  }

  private static void bindPerson(PreparedStatement statement) throws SQLException {
    statement.setString(1, "John Doe");
    statement.setString(2, "Anytown");
    statement.setString(3, "555-555-1999");
  }

  private static byte[] inserted(String table, PreparedStatement statement)
      throws SQLException, IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("action", "insert");
      out.writeStringField("table", table);
      out.writeStringField("outcome", "committed");
      out.writeBooleanField("replayed", false);
      out.writeNumberField("attempts", 1);
      out.writeObjectFieldStart("counts");
      out.writeNumberField("received", 1);
      out.writeNumberField("written", 1);
      out.writeNumberField("skipped", 0);
      out.writeEndObject();
      out.writeArrayFieldStart("rows");
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          out.writeStartObject();
          out.writeStringField("id", row.getString(1));
          out.writeEndObject();
        }
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /// A whole table of people, as one page in the order of its ids.
  public byte[] people(String table, int limit) throws SQLException, IOException {
    String text =
        "BEGIN READ ONLY; SELECT id, name, city, telephone FROM public."
            + table
            + " ORDER BY id LIMIT ?; COMMIT";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(16_384);
    try (PreparedStatement statement = connection.prepareStatement(text);
        JsonGenerator out = JSON.createGenerator(bytes)) {
      statement.setLong(1, limit + 1L);
      boolean rows = statement.execute();
      while (!rows) {
        rows = statement.getMoreResults();
      }
      out.writeStartObject();
      out.writeStringField("action", "query");
      out.writeStringField("table", table);
      out.writeArrayFieldStart("columns");
      for (int i = 0; i < PEOPLE.size(); i++) {
        out.writeStartObject();
        out.writeStringField("name", PEOPLE.get(i));
        out.writeStringField("type", TYPES.get(i));
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("rows");
      int count = 0;
      try (ResultSet row = statement.getResultSet()) {
        for (; row.next(); count++) {
          out.writeStartObject();
          for (int i = 0; i < PEOPLE.size(); i++) {
            out.writeStringField(PEOPLE.get(i), row.getString(i + 1));
          }
          out.writeEndObject();
        }
      }
      out.writeEndArray();
      out.writeObjectFieldStart("page");
      out.writeNumberField("count", count);
      out.writeBooleanField("hasMore", false);
      out.writeNullField("nextCursor");
      out.writeNullField("truncatedBy");
      out.writeEndObject();
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /// COPY FROM STDIN of rows in its text format.
  ///
  /// @return how many it took
  public long copy(String table, String columns, byte[] rows) throws SQLException, IOException {
    return connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn(
            "COPY public." + table + " (" + columns + ") FROM STDIN",
            new ByteArrayInputStream(rows));
  }
}
