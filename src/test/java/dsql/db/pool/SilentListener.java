package dsql.db.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// For pools whose connections nobody follows. Safe for concurrent use.
public final class SilentListener implements PoolListener {

  @Override
  public void opened(Duration took) {}

  @Override
  public void closed(CloseReason reason, Duration age, @Nullable Throwable cause) {}
}
