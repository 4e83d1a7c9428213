package dsql.local.session;

import dsql.local.wire.Message;
import dsql.local.wire.ProtocolException;
import java.util.Map;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/// The limit on a stored value, which holds for its compressed form.
///
/// Applied to bound values, whatever column they are for; a literal in the text goes unseen.
final class Values {
  private static final int LONGEST = 1024 * 1024;

  /// Type names by OID, for those that can be long.
  private static final Map<Integer, String> NAMES =
      Map.of(17, "bytea", 25, "text", 114, "json", 1043, "varchar", 3802, "jsonb");

  private Values() {}

  /// The type of the first bound value that is too long to be stored, or null.
  static @Nullable String tooLong(Portal portal) throws ProtocolException {
    if (portal.bind().length() <= LONGEST) {
      return null;
    }
    Message.Body bind = portal.bind().read();
    bind.string();
    bind.string();
    for (int formats = bind.int16(); formats > 0; formats--) {
      bind.int16();
    }
    int count = bind.int16();
    for (int i = 0; i < count; i++) {
      byte[] value = bind.bytes();
      if (value.length > LONGEST && compressed(value) > LONGEST) {
        return typeOf(portal.prepared().parse(), i);
      }
    }
    return null;
  }

  private static long compressed(byte[] value) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(value);
      deflater.finish();
      byte[] buffer = new byte[32 * 1024];
      while (!deflater.finished()) {
        deflater.deflate(buffer);
      }
      return deflater.getBytesWritten();
    } finally {
      deflater.end();
    }
  }

  private static String typeOf(Message parse, int parameter) throws ProtocolException {
    Message.Body body = parse.read();
    body.string();
    body.string();
    int known = body.int16();
    int oid = 0;
    for (int i = 0; i <= parameter && i < known; i++) {
      oid = body.int32();
    }
    return NAMES.getOrDefault(oid, "text");
  }
}
