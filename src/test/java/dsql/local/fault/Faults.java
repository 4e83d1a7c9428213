package dsql.local.fault;

import dsql.local.wire.Refusal;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Orders of faults, filled by whichever session comes next. Safe for concurrent use.
///
/// A *commit* is a COMMIT of a transaction that has not failed, or an autocommit statement that
/// writes or is DDL; a *statement* is any that reads or writes data or catalog. Byte counts are of
/// the protocol inside TLS, over all sessions, from the order on.
///
/// The same orders can be given in SQL, in a block comment of a statement of its own or any other:
/// `/* dsql: fail-commits 2 OC000 */ SELECT 1`. The words are those of [#order(String)].
public final class Faults {
  private static final Duration LATEST = Duration.ofMillis(500);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Failure> commits = new ArrayDeque<>();
  private final Queue<Refusal> statements = new ArrayDeque<>();
  private final List<Refused> begun = new ArrayList<>();
  private final Queue<Rejection> connections = new ArrayDeque<>();
  private @Nullable ConnectionQuota quota;
  private final UnprovenAnswers answers = new UnprovenAnswers();
  private Set<String> settings = Set.of();
  private int cutsBefore;
  private int cutsAfter;
  private int late;
  private int lateBy;
  private long statementsSeen;
  private int expiring;
  private long sendable = Long.MAX_VALUE;
  private long receivable = Long.MAX_VALUE;
  private Duration delay = Duration.ZERO;
  private boolean frozen;
  private final Runnable rotateCertificate;

  /// `rotateCertificate` is what the order of that name does.
  public Faults(Runnable rotateCertificate) {
    this.rotateCertificate = rotateCertificate;
  }

  /// Fails the next commits.
  public void failCommits(int count, Failure failure) {
    change(() -> add(commits, count, failure));
  }

  /// Fails the next statements; inside a transaction it is then aborted.
  public void failStatements(int count, Failure failure) {
    refuseStatements(count, failure.refusal());
  }

  /// The same, in any words of the server's.
  public void refuseStatements(int count, Refusal refusal) {
    change(() -> add(statements, count, refusal));
  }

  /// What is answered where nobody has seen the service's own answer.
  public UnprovenAnswers answers() {
    return answers;
  }

  /// Refuses the next statements that begin with these words, in any case of letters.
  public void refuseStatements(String beginning, int count, Refusal refusal) {
    String words = beginning.toLowerCase(Locale.ROOT);
    change(() -> begun.addAll(Collections.nCopies(count, new Refused(words, refusal))));
  }

  private record Refused(String beginning, Refusal refusal) {}

  /// Ends every login from now on that asks for one of these settings, as the service does for
  /// those that it does not know.
  public void refuseSettings(String... names) {
    change(() -> settings = Set.of(names));
  }

  /// Is this setting to be refused at a login?
  public boolean refusesSetting(String name) {
    lock.lock();
    try {
      return settings.contains(name.toLowerCase(Locale.ROOT));
    } finally {
      lock.unlock();
    }
  }

  /// Turns the next connections away.
  public void refuseConnections(int count, Rejection rejection) {
    change(() -> add(connections, count, rejection));
  }

  /// Turns no more connections away by order.
  public void acceptConnections() {
    change(connections::clear);
  }

  /// Grants connections by a quota from now on; without one there is no limit.
  public void limitConnections(ConnectionQuota value) {
    change(() -> quota = value);
  }

  /// Cuts the connection at the next commits, before PostgreSQL hears of them.
  public void cutBeforeCommits(int count) {
    change(() -> cutsBefore = count);
  }

  /// Cuts the connection at the next commits, when they are done and before the client hears of it.
  public void cutAfterCommits(int count) {
    change(() -> cutsAfter = count);
  }

  /// Cuts one more, because the statement that was to be cut has failed.
  public void cutAfterOneMoreCommit() {
    change(() -> cutsAfter++);
  }

  /// Cuts the connection at the next commits and does them afterwards, when other sessions have run
  /// so many statements: a commit whose client is gone is still on its way. It waits half a second
  /// at most.
  public void commitLate(int count, int statements) {
    change(() -> {
      late = count;
      lateBy = statements;
    });
  }

  /// Cuts the connection that is sent the n-th byte from now, after that byte.
  public void cutAfterSending(long bytes) {
    change(() -> sendable = bytes);
  }

  /// Cuts the connection that sends the n-th byte from now, after that byte.
  public void cutAfterReceiving(long bytes) {
    change(() -> receivable = bytes);
  }

  /// Holds every answer back for so long, from now on: one delay a round trip.
  public void delay(Duration time) {
    change(() -> delay = time);
  }

  /// Neither reads nor answers nor accepts, until [#thaw()].
  public void freeze() {
    change(() -> frozen = true);
  }

  public void thaw() {
    change(() -> frozen = false);
  }

  /// Takes the next good tokens for expired ones.
  public void expireTokens(int count) {
    change(() -> expiring = count);
  }

  /// New connections meet another certificate of the same authority.
  public void rotateCertificate() {
    rotateCertificate.run();
  }

  /// Forgets every order; what has happened stays.
  public void clear() {
    change(() -> {
      answers.clear();
      commits.clear();
      statements.clear();
      begun.clear();
      settings = Set.of();
      connections.clear();
      quota = null;
      cutsBefore = 0;
      cutsAfter = 0;
      late = 0;
      expiring = 0;
      sendable = Long.MAX_VALUE;
      receivable = Long.MAX_VALUE;
      delay = Duration.ZERO;
      frozen = false;
    });
  }

  /// Gives an order in words: `fail-commits N FAILURE`, `fail-statements N FAILURE`,
  /// `refuse-connections N REJECTION`, `limit-connections A-SECOND BURST TOTAL`, `refuse-settings
  /// NAME…`, `cut-before-commits N`, `cut-after-commits N`, `commit-late N STATEMENTS`,
  /// `cut-after-sending BYTES`, `cut-after-receiving BYTES`, `delay MILLISECONDS`, `expire-tokens
  /// N`, `existing-index ANSWER`, `refuse CONSTRUCT SQLSTATE`, `rotate-certificate` or `clear`.
  ///
  /// @throws IllegalArgumentException if it is none of these
  public void order(String words) {
    String[] word = words.strip().split("\\s+", -1);
    try {
      switch (word[0].toLowerCase(Locale.ROOT)) {
        case "fail-commits" -> failCommits(Integer.parseInt(word[1]), failure(word[2]));
        case "fail-statements" -> failStatements(Integer.parseInt(word[1]), failure(word[2]));
        case "refuse-settings" -> refuseSettings(Arrays.copyOfRange(word, 1, word.length));
        case "refuse-connections" ->
            refuseConnections(
                Integer.parseInt(word[1]), Rejection.valueOf(word[2].toUpperCase(Locale.ROOT)));
        case "limit-connections" ->
            limitConnections(
                new ConnectionQuota(
                    InstantSource.system(),
                    Integer.parseInt(word[1]),
                    Integer.parseInt(word[2]),
                    Integer.parseInt(word[3])));
        case "cut-before-commits" -> cutBeforeCommits(Integer.parseInt(word[1]));
        case "commit-late" -> commitLate(Integer.parseInt(word[1]), Integer.parseInt(word[2]));
        case "cut-after-commits" -> cutAfterCommits(Integer.parseInt(word[1]));
        case "cut-after-sending" -> cutAfterSending(Long.parseLong(word[1]));
        case "cut-after-receiving" -> cutAfterReceiving(Long.parseLong(word[1]));
        case "delay" -> delay(Duration.ofMillis(Long.parseLong(word[1])));
        case "expire-tokens" -> expireTokens(Integer.parseInt(word[1]));
        case "existing-index" ->
            answers.existingIndex(ExistingIndex.valueOf(word[1].toUpperCase(Locale.ROOT)));
        case "refuse" ->
            answers.refuse(
                Unproven.valueOf(word[1].toUpperCase(Locale.ROOT)),
                Refusal.error(word[2], "not supported, by order"));
        case "rotate-certificate" -> rotateCertificate();
        case "clear" -> clear();
        default -> throw new IllegalArgumentException("no such fault: " + word[0]);
      }
    } catch (ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException("too few words: " + words, e);
    }
  }

  private static Failure failure(String name) {
    return Arrays.stream(Failure.values())
        .filter(f -> f.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such failure: " + name));
  }

  /// The failure ordered for this commit, or null.
  public @Nullable Failure nextCommit() {
    return take(commits);
  }

  /// The refusal ordered for this statement, or null.
  public @Nullable Refusal nextStatement(String text) {
    change(() -> statementsSeen++);
    Refusal refusal = takeBegun(text.strip().toLowerCase(Locale.ROOT));
    return refusal == null ? take(statements) : refusal;
  }

  private @Nullable Refusal takeBegun(String text) {
    lock.lock();
    try {
      for (Refused refused : begun) {
        if (text.startsWith(refused.beginning())) {
          begun.remove(refused);
          return refused.refusal();
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /// Is this commit to be done late? Then its client is to be cut off before [#awaitLateness()].
  public boolean commitsLate() {
    lock.lock();
    try {
      return late > 0 && late-- > 0;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until a late commit's time has come.
  public void awaitLateness() throws InterruptedIOException {
    lock.lock();
    try {
      long until = statementsSeen + lateBy;
      long left = LATEST.toNanos();
      while (statementsSeen < until && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before a late commit");
    } finally {
      lock.unlock();
    }
  }

  /// Why the next connection is turned away, or null.
  ///
  /// @param open the connections there are
  public @Nullable Rejection nextConnection(int open) {
    lock.lock();
    try {
      Rejection ordered = connections.poll();
      return ordered == null && quota != null ? quota.next(open) : ordered;
    } finally {
      lock.unlock();
    }
  }

  /// Is this commit to be cut off before it is done?
  public boolean cutsBefore() {
    lock.lock();
    try {
      return cutsBefore > 0 && cutsBefore-- > 0;
    } finally {
      lock.unlock();
    }
  }

  /// Is this commit to be cut off when it is done?
  public boolean cutsAfter() {
    lock.lock();
    try {
      return cutsAfter > 0 && cutsAfter-- > 0;
    } finally {
      lock.unlock();
    }
  }

  /// Is this good token to be taken for an expired one?
  public boolean expiresToken() {
    lock.lock();
    try {
      return expiring > 0 && expiring-- > 0;
    } finally {
      lock.unlock();
    }
  }

  /// How many of some bytes may pass, and whether the connection is cut after them.
  public record Allowance(int bytes, boolean cut) {}

  /// Asks to send so many bytes.
  public Allowance sending(int bytes) {
    lock.lock();
    try {
      Allowance allowance = allow(sendable, bytes);
      sendable = left(sendable, allowance);
      return allowance;
    } finally {
      lock.unlock();
    }
  }

  /// Tells that so many bytes have come.
  public Allowance receiving(int bytes) {
    lock.lock();
    try {
      Allowance allowance = allow(receivable, bytes);
      receivable = left(receivable, allowance);
      return allowance;
    } finally {
      lock.unlock();
    }
  }

  /// Waits as long as the endpoint is frozen.
  public void hold() throws InterruptedIOException {
    pause(false);
  }

  /// Waits as long as an answer is delayed.
  public void pause() throws InterruptedIOException {
    pause(true);
  }

  private void pause(boolean answering) throws InterruptedIOException {
    lock.lock();
    try {
      while (frozen) {
        changed.await();
      }
      long nanos = answering ? delay.toNanos() : 0;
      while (nanos > 0 && delay.isPositive()) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      lock.unlock();
    }
  }

  private static Allowance allow(long budget, int bytes) {
    return new Allowance((int) Math.min(bytes, budget), budget <= bytes);
  }

  private static long left(long budget, Allowance allowance) {
    return budget == Long.MAX_VALUE || allowance.cut()
        ? Long.MAX_VALUE
        : budget - allowance.bytes();
  }

  private static <T> void add(Queue<T> queue, int count, T item) {
    for (int i = 0; i < count; i++) {
      queue.add(item);
    }
  }

  private <T> @Nullable T take(Queue<T> queue) {
    lock.lock();
    try {
      return queue.poll();
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
