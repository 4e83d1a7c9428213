package dsql.db.pool;

import org.jspecify.annotations.Nullable;

/// The deadline passed before a connection was available; nothing was sent to the database.
public class DeadlineExceeded extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public DeadlineExceeded(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
