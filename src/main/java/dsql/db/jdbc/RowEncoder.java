package dsql.db.jdbc;

import dsql.action.ColumnType.Base;
import dsql.action.Result.ColumnHead;
import dsql.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.core.Field;
import org.postgresql.util.ByteConverter;
import org.postgresql.util.PGbytea;

/// Writes rows as JSON objects while they are read. Confined to one attempt.
///
/// The server sends every value but a UUID as text, whose bytes `getBytes` returns as they came
/// (for a bytea, the decoded bytes). They are written without being converted to Java values, which
/// could not hold all of PostgreSQL's values and would cost more.
public final class RowEncoder {

  /// The names, encoded once for all rows.
  private final byte[][] names;

  private final Base[] bases;

  /// @param columns the result's columns, in order
  public RowEncoder(List<ColumnHead> columns) {
    names = new byte[columns.size()][];
    bases = new Base[names.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = JsonWriter.encodedName(columns.get(i).name());
      bases[i] = columns.get(i).type().base();
    }
  }

  /// Writes the current row of the result.
  public void write(ResultSet row, JsonWriter out) throws SQLException {
    out.beginObject();
    for (int i = 0; i < names.length; i++) {
      out.name(names[i]);
      byte[] value = row.getBytes(i + 1);
      if (value == null) {
        out.nullValue();
      } else if (value.length == 16 && isUuid(row, i)) {
        long high = ByteConverter.int8(value, 0);
        out.value(new UUID(high, ByteConverter.int8(value, 8)).toString());
      } else {
        write(bases[i], value, out);
      }
    }
    out.endObject();
  }

  /// Whether sixteen bytes are those of a UUID, whose text is longer. The driver asks for the
  /// binary form after some executions of a statement. A domain too deep to be resolved may be over
  /// uuid; no other type comes in binary form.
  private boolean isUuid(ResultSet row, int i) throws SQLException {
    return bases[i] == Base.UUID
        || (bases[i] == Base.OTHER
            && row.getMetaData().unwrap(PGResultSetMetaData.class).getFormat(i + 1)
                == Field.BINARY_FORMAT);
  }

  /// Writes a row of values in PostgreSQL's text form, null for NULL.
  public void write(List<@Nullable String> texts, JsonWriter out) throws SQLException {
    out.beginObject();
    for (int i = 0; i < names.length; i++) {
      out.name(names[i]);
      String text = texts.get(i);
      if (text == null) {
        out.nullValue();
      } else if (bases[i] == Base.BYTEA) {
        // PostgreSQL writes it in hexadecimal digits or in escapes, both in ASCII.
        byte[] bytes = PGbytea.toBytes(text.getBytes(StandardCharsets.US_ASCII));
        write(Base.BYTEA, Objects.requireNonNull(bytes), out);
      } else {
        write(bases[i], text.getBytes(StandardCharsets.UTF_8), out);
      }
    }
    out.endObject();
  }

  private static void write(Base base, byte[] value, JsonWriter out) {
    switch (base) {
      case SMALLINT, INTEGER, REAL, DOUBLE -> {
        if (isNumber(value)) {
          out.json(value);
        } else {
          out.value(value);
        }
      }
      // A result has t or f, a cast to text the whole word.
      case BOOLEAN -> out.value(value.length > 0 && value[0] == 't');
      // A bigint is a string too: a reader's doubles would round it.
      case BIGINT, NUMERIC, CHAR, BPCHAR, VARCHAR, TEXT, TIME, UUID, OTHER -> out.value(value);
      case DATE -> out.value(IsoText.date(value));
      case TIMETZ -> out.value(IsoText.timetz(value));
      case TIMESTAMP -> out.value(IsoText.timestamp(value));
      case TIMESTAMPTZ -> out.value(IsoText.timestamptz(value));
      case INTERVAL -> out.value(IsoText.interval(value));
      case BYTEA -> out.value(Base64.getEncoder().encode(value));
      case JSON, JSONB -> out.json(value);
    }
  }

  /// Whether the text is a JSON number, as all of PostgreSQL's are but NaN and the infinities.
  private static boolean isNumber(byte[] text) {
    int whole = text.length > 0 && text[0] == '-' ? 1 : 0;
    int at = digits(text, whole);
    boolean number = at > whole && (text[whole] != '0' || at == whole + 1);
    if (at < text.length && text[at] == '.') {
      int fraction = at + 1;
      at = digits(text, fraction);
      number &= at > fraction;
    }
    if (at < text.length && text[at] == 'e') {
      boolean signed = at + 1 < text.length && (text[at + 1] == '+' || text[at + 1] == '-');
      int exponent = at + (signed ? 2 : 1);
      at = digits(text, exponent);
      number &= at > exponent;
    }
    return number && at == text.length;
  }

  /// The index behind the digits that begin there.
  private static int digits(byte[] text, int from) {
    int at = from;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at;
  }
}
