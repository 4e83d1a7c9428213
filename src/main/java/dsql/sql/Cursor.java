package dsql.sql;

import dsql.action.Failure;
import dsql.action.Problem;
import dsql.json.Json;
import dsql.json.JsonText;
import dsql.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns a position into the text that a caller sends for the next page, and back. A checksum over
/// the position and the query reveals a text that belongs to another query or was changed. It does
/// not prevent forgery, and need not: a forged position shows nothing that the query itself would
/// not. Confined to one statement.
final class Cursor {

  private static final byte VERSION = 1;

  private static final int CHECKSUM = 12;

  private final byte[] query;

  /// @param query the parts of the query that a cursor is bound to: table, filter and order
  Cursor(List<String> query) {
    PartsDigest digest = new PartsDigest();
    query.forEach(digest::add);
    this.query = digest.digest();
  }

  String encode(Position position) {
    JsonWriter values = new JsonWriter().beginArray();
    for (@Nullable String value : position.values()) {
      if (value == null) {
        values.nullValue();
      } else {
        values.value(value);
      }
    }
    return encode(values.endArray().toByteArray());
  }

  private String encode(byte[] values) {
    byte[] cursor = new byte[1 + CHECKSUM + values.length];
    cursor[0] = VERSION;
    MessageDigest digest = PartsDigest.sha256();
    digest.update(query);
    System.arraycopy(digest.digest(values), 0, cursor, 1, CHECKSUM);
    System.arraycopy(values, 0, cursor, 1 + CHECKSUM, values.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor);
  }

  /// The position that a cursor encodes.
  ///
  /// @param terms the number of terms of the order
  /// @throws Failure if the cursor does not belong to this query
  Position decode(String cursor, int terms) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      if (bytes.length > 1 + CHECKSUM) {
        byte[] values = Arrays.copyOfRange(bytes, 1 + CHECKSUM, bytes.length);
        // Comparing with the encoded text also refuses other spellings that decode to the same
        // bytes.
        if (encode(values).equals(cursor)) {
          return position(new String(values, StandardCharsets.UTF_8), terms);
        }
      }
    } catch (IllegalArgumentException | JsonText.Malformed e) {
      throw new Failure(MISMATCH, e);
    }
    throw mismatch();
  }

  static Failure mismatch() {
    return new Failure(MISMATCH);
  }

  private static Position position(String json, int terms) throws JsonText.Malformed {
    List<@Nullable String> values = new ArrayList<>();
    if (JsonText.parse(json) instanceof Json.Arr(List<Json> elements)) {
      for (Json element : elements) {
        values.add(element instanceof Json.Str(String value) ? value : null);
      }
    }
    if (values.size() != terms) {
      throw mismatch();
    }
    return new Position(values);
  }

  private static final Problem MISMATCH =
      Problem.of(
          Problem.Code.CURSOR_MISMATCH,
          "The cursor belongs to another query. Send it with the table, where, groupBy and"
              + " orderBy it was issued for, or start again without it.");
}
