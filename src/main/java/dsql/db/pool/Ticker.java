package dsql.db.pool;

/// A monotonic clock for times within an invocation. Unlike the wall clock it cannot be set, and
/// its zero has no meaning. Safe for concurrent use.
@FunctionalInterface
public interface Ticker {

  /// The JVM's clock. It is not a lambda, because that would slow down a cold start.
  Ticker SYSTEM =
      new Ticker() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /// A number of nanoseconds, possibly negative; only differences have a meaning.
  long nanos();
}
