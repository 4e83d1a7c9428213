package dsql.lambda;

import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;

/// The project's own reading and writing of events, in place of the runtime's: numbers keep their
/// digits, and a malformed event still reaches the handler. The runtime finds it through
/// `META-INF/services`. It throws for nothing that an event can hold, because the runtime would
/// replace the exception by one of its own. Safe for concurrent use.
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
