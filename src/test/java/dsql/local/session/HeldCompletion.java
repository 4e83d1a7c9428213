package dsql.local.session;

import dsql.local.session.Backend.Sink;
import dsql.local.wire.Message;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Hands everything on but the completion of a statement.
final class HeldCompletion implements Sink {
  private final Sink sink;
  private @Nullable Message completion;

  HeldCompletion(Sink sink) {
    this.sink = sink;
  }

  /// What was held back, if it came.
  @Nullable Message completion() {
    return completion;
  }

  @Override
  public void accept(Message message) throws IOException {
    if (message.type() == 'C') {
      completion = message;
    } else {
      sink.accept(message);
    }
  }

  @Override
  public void copyIn() throws IOException {
    sink.copyIn();
  }
}
