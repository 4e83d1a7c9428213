package dsql.db.pool;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Work that may wait for others and that nothing can interrupt, such as looking up a name. It is
/// done on a thread of its own, which whoever needs the result waits for as long as there is time.
///
/// One runs at a time: whoever comes while it does waits for that one, so one that hangs costs one
/// thread. The thread is a daemon and ends with the work. Safe for concurrent use.
final class Errand<T> {

  private final String name;
  private final Callable<T> work;
  private @Nullable FutureTask<T> running;

  /// @param name its thread's
  Errand(String name, Callable<T> work) {
    this.name = name;
    this.work = work;
  }

  /// Has it done, or being done, from now on.
  synchronized Pending<T> begin() {
    FutureTask<T> task = running;
    if (task == null || task.isDone()) {
      task = new FutureTask<>(work);
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      thread.start();
      running = task;
    }
    return new Pending<>(task);
  }

  /// What is under way.
  record Pending<T>(FutureTask<T> task) {

    /// The result, if it comes in time.
    ///
    /// @throws TimeoutException when it does not; the work goes on
    /// @throws ExecutionException with what the work failed by
    /// @throws DeadlineExceeded when the waiting thread was interrupted
    T await(Duration limit) throws TimeoutException, ExecutionException {
      try {
        return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DeadlineExceeded("Interrupted while waiting.", e);
      }
    }
  }
}
