package dsql.lambda;

import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;

/// Reads events and writes replies in place of the runtime's serializer, so that numbers keep their
/// digits and a malformed event still reaches the handler. The runtime finds it through
/// `META-INF/services`. No event makes it throw, because the runtime would replace the exception by
/// its own. Safe for concurrent use.
public final class InvocationSerializer implements CustomPojoSerializer {

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  public <T> T fromJson(InputStream event, Type type) {
    return (T) EventReader.read(event);
  }

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals")
  public <T> T fromJson(String event, Type type) {
    return fromJson(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), type);
  }

  @Override
  public <T> void toJson(T value, OutputStream output, Type type) {
    byte[] json =
        switch ((Reply) value) {
          case Reply.Http http -> HttpDoor.encode(http);
          case Reply.Direct direct -> direct.json();
        };
    try {
      output.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
