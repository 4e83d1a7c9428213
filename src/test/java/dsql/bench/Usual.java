package dsql.bench;

import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import dsql.bench.peer.UsualStack;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Map;

/// The usual stack in this JVM, between the bytes that the runtime's own reading and writing have
/// at their ends. Safe for concurrent use.
final class Usual implements AutoCloseable {

  private final UsualStack stack;
  private final PojoSerializer<Map<String, Object>> serializer;

  /// The stack with that many connections.
  ///
  /// @param readOnly whether queries run in read-only transactions
  Usual(LocalDsql dsql, int connections, boolean readOnly) {
    this(dsql, Map.of(), connections, readOnly);
  }

  /// The same, with variables of its own.
  @SuppressWarnings({"unchecked", "rawtypes"})
  Usual(LocalDsql dsql, Map<String, String> more, int connections, boolean readOnly) {
    LocalFunction.trust(dsql);
    stack = new UsualStack(LocalFunction.environment(dsql, more), connections, readOnly);
    serializer = (PojoSerializer) JacksonFactory.getInstance().getSerializer(Map.class);
  }

  byte[] invoke(byte[] event) {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    serializer.toJson(stack.handle(serializer.fromJson(new ByteArrayInputStream(event))), reply);
    return reply.toByteArray();
  }

  @Override
  public void close() {
    stack.close();
  }
}
