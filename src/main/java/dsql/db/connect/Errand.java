package dsql.db.connect;

import dsql.db.pool.DeadlineExceeded;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Work that may block and that nothing can interrupt, such as looking up a name. It runs on a
/// thread of its own, and callers wait for the result as long as they have time.
///
/// It runs once at a time: callers that come meanwhile wait for the same run, so that work that
/// hangs takes one thread only. The thread is a daemon and ends with the work. Safe for concurrent
/// use.
final class Errand<T> {

  private final String name;
  private final Callable<T> work;
  private @Nullable FutureTask<T> running;

  /// @param name the name of its thread
  Errand(String name, Callable<T> work) {
    this.name = name;
    this.work = work;
  }

  /// Starts a run, or joins the current one.
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

  /// A run that has been started.
  record Pending<T>(FutureTask<T> task) {

    /// The result, if it arrives in time.
    ///
    /// @throws TimeoutException if it does not; the work continues
    /// @throws ExecutionException with the work's failure as the cause
    /// @throws DeadlineExceeded if the waiting thread was interrupted
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
