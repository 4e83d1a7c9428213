package dsql.db.pool;

import org.jspecify.annotations.Nullable;

/// The time ended before a connection was had; nothing was sent to the database.
public class DeadlineExceeded extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DeadlineExceeded(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
