package dsql.local.session;

import dsql.local.wire.Message;
import java.io.IOException;

/// PostgreSQL did not let the session in; its ErrorResponse goes to the client as it is.
final class BackendRefusedException extends IOException {
  private static final long serialVersionUID = 1;
  private final transient Message error;

  BackendRefusedException(Message error) {
    super("PostgreSQL refused the session");
    this.error = error;
  }

  Message error() {
    return error;
  }
}
