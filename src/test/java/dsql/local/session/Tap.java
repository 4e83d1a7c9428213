package dsql.local.session;

import dsql.local.wire.Message;
import java.io.IOException;
import java.util.Map;

/// Listens in on what clients send.
public interface Tap {

  /// A client that has logged in.
  ///
  /// @param startup what its startup packet said, in order
  /// @param directTls whether it began with TLS at once
  Line opened(Map<String, String> startup, boolean directTls);

  /// One client's messages, in order. Confined to one thread.
  interface Line {
    /// Comes before the message is looked at.
    void received(Message message) throws IOException;
  }
}
