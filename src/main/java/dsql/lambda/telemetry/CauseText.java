package dsql.lambda.telemetry;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/// A failure's classes and stack frames, as text for the log. Messages are left out: a server's may
/// hold a row's values, a driver's the host or SQL text. Confined to one thread.
public final class CauseText {

  /// Enough to see where it comes from; a stack that overflowed has a thousand.
  private static final int FRAMES = 40;

  private final StringBuilder text = new StringBuilder();
  private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private CauseText() {}

  public static String of(Throwable failure) {
    CauseText causes = new CauseText();
    causes.add("", failure);
    return causes.text.toString();
  }

  private void add(String caption, Throwable failure) {
    if (!seen.add(failure)) {
      return;
    }
    text.append(caption).append(failure.getClass().getName()).append('\n');
    StackTraceElement[] frames = failure.getStackTrace();
    for (int i = 0; i < frames.length && i < FRAMES; i++) {
      text.append("\tat ").append(frames[i]).append('\n');
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      add("Suppressed: ", suppressed);
    }
    if (failure.getCause() != null) {
      add("Caused by: ", failure.getCause());
    }
  }
}
