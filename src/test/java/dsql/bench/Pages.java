package dsql.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dsql.Tables;
import dsql.bench.peer.RawDriver;
import dsql.json.JsonWriter;
import dsql.lambda.LocalFunction;
import dsql.local.Endpoints;
import dsql.local.LocalDsql;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.util.List;
import java.util.Map;

/// Full pages.
final class Pages implements Forked.Inner {

  private static final String TABLE = "bench_full_page";
  private static final int LIMIT = 10_000;

  /// With names and brackets, some six million bytes.
  private static final int WRITTEN = 27_000;

  private static final JsonFactory JSON = new JsonFactory();

  @Override
  public List<Row> run(Settings settings, LocalDsql dsql) throws Exception {
    return List.of(writing(settings), page(settings, dsql));
  }

  /// The writer alone against jackson-core's, each from the values' bytes as the driver gives them,
  /// and with names that were encoded before.
  private static Row writing(Settings settings) throws Exception {
    byte[][][] rows = new byte[WRITTEN][][];
    for (int i = 0; i < WRITTEN; i++) {
      rows[i] =
          new byte[][] {
            People.utf8("0b7e7dee-87f3-4d4c-9f0d-00000%07d".formatted(i)),
            People.utf8("John \"Jack\" Doe " + i),
            People.utf8(
                i % 10 == 0 ? "Zürich, Grüngasse, 世界" : "Anytown, Any Street, Any House, Any Flat"),
            People.utf8("555-555-1999, and for a text of some length a few more words")
          };
    }
    byte[] expected = jackson(rows);
    List<Samples> samples =
        Contest.run(
            settings.pick(30, 5),
            settings.pick(20, 4),
            settings.pick(5, 3),
            List.of(
                new Contestant(_ -> new byte[0], _ -> own(rows), Replies.exactly(expected)),
                new Contestant(_ -> new byte[0], _ -> jackson(rows), Replies.exactly(expected))));
    return new Row(
        "writing a page of " + Measure.digits(expected.length / 1e6) + " MB",
        "jackson-core",
        Samples.ratio("ms", samples.get(0), samples.get(1)),
        Goal.atMost(1.3));
  }

  private static byte[] own(byte[][][] rows) {
    byte[][] names = RawDriver.PEOPLE.stream().map(JsonWriter::encodedName).toArray(byte[][]::new);
    JsonWriter out = new JsonWriter(16_384).beginArray();
    for (byte[][] row : rows) {
      out.beginObject();
      for (int i = 0; i < row.length; i++) {
        out.name(names[i]).value(row[i]);
      }
      out.endObject();
    }
    return out.endArray().toByteArray();
  }

  private static byte[] jackson(byte[][][] rows) throws IOException {
    SerializedString[] names =
        RawDriver.PEOPLE.stream().map(SerializedString::new).toArray(SerializedString[]::new);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(16_384);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartArray();
      for (byte[][] row : rows) {
        out.writeStartObject();
        for (int i = 0; i < row.length; i++) {
          out.writeFieldName(names[i]);
          out.writeUTF8String(row[i], 0, row[i].length);
        }
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    return bytes.toByteArray();
  }

  /// The longest page by rows, from the event to the reply.
  private static Row page(Settings settings, LocalDsql dsql) throws Exception {
    People.create(dsql, TABLE, LIMIT);
    Tables.run(dsql, "UPDATE public." + TABLE + " SET city = repeat('Anytown ', 10)");
    Tables.run(dsql, "VACUUM ANALYZE public." + TABLE);
    try (LocalFunction ours = new LocalFunction(dsql, Map.of());
        Connection connection = Endpoints.connect(dsql)) {
      RawDriver raw = new RawDriver(connection);
      byte[] query = People.utf8(People.query(TABLE, LIMIT));
      Contestant.Check exact = Replies.exactly(raw.people(TABLE, LIMIT));
      List<Samples> samples =
          Contest.run(
              settings.pick(60, 10),
              settings.pick(20, 4),
              5,
              List.of(
                  new Contestant(_ -> query, ours::invoke, exact),
                  new Contestant(_ -> query, _ -> raw.people(TABLE, LIMIT), exact)));
      return new Row(
          "query of 10,000 rows of 4 columns",
          "raw driver",
          Samples.ratio("ms", samples.get(0), samples.get(1)),
          Goal.NONE);
    }
  }
}
