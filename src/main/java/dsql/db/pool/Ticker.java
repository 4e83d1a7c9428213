package dsql.db.pool;

/// A clock that only goes forward, for what lasts no longer than an invocation. Nobody can set it,
/// as the wall clock can be; where it begins means nothing. Safe for concurrent use.
@FunctionalInterface
public interface Ticker {

  /// The JVM's. No lambda, which would cost a cold start.
  Ticker SYSTEM =
      new Ticker() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /// Nanoseconds since some moment, which may be negative: only differences count.
  long nanos();
}
