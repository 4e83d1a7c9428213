package dsql.db.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/// Opens connections that exist in memory only, and knows which of them are still open. Safe for
/// concurrent use.
final class StubConnections implements ConnectionOpener {

  private final List<Stub> all = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();
  private volatile @Nullable Throwable failure;
  private volatile Runnable beforeOpen = () -> {};

  @Override
  public Connection open(Deadline deadline) throws SQLException {
    beforeOpen.run();
    switch (failure) {
      case null -> {}
      case SQLException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("not thrown by an opener");
    }
    Stub stub = new Stub(all.size());
    all.add(stub);
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    return stub.connection;
  }

  /// Has every later attempt fail; null has it succeed again.
  void failWith(@Nullable Throwable failure) {
    this.failure = failure;
  }

  /// Has something happen in the midst of opening.
  void beforeOpen(Runnable action) {
    this.beforeOpen = action;
  }

  Stub get(int index) {
    return all.get(index);
  }

  Stub of(Connection connection) {
    return all.stream().filter(stub -> stub.connection.equals(connection)).findAny().orElseThrow();
  }

  int opened() {
    return all.size();
  }

  int stillOpen() {
    return open.get();
  }

  int mostOpen() {
    return mostOpen.get();
  }

  /// One connection, with what a test may set and see.
  final class Stub implements InvocationHandler {
    final Connection connection;
    final List<String> calls = new ArrayList<>();
    boolean autoCommit = true;
    boolean valid = true;
    boolean lost;
    TransactionState transaction = TransactionState.IDLE;
    Optional<SQLException> rollbackFailure = Optional.empty();
    Optional<RuntimeException> resetFailure = Optional.empty();
    Optional<SQLException> closeFailure = Optional.empty();
    Optional<Exception> timeoutFailure = Optional.empty();
    int networkTimeout;
    private final int number;
    private int closes;

    private Stub(int number) {
      this.number = number;
      connection =
          (Connection)
              Proxy.newProxyInstance(
                  Stub.class.getClassLoader(), new Class<?>[] {BaseConnection.class}, this);
    }

    int closes() {
      return closes;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object[] arguments)
        throws Exception {
      return switch (method.getName()) {
        case "toString" -> "connection " + number;
        case "hashCode" -> number;
        case "equals" ->
            Proxy.isProxyClass(arguments[0].getClass())
                && Proxy.getInvocationHandler(arguments[0]).equals(this);
        case "unwrap" -> proxy;
        case "isClosed" -> lost || closes > 0;
        case "getTransactionState" -> transaction;
        case "getAutoCommit" -> {
          if (resetFailure.isPresent()) {
            throw resetFailure.get();
          }
          yield autoCommit;
        }
        case "setAutoCommit" -> {
          autoCommit = (Boolean) arguments[0];
          calls.add("setAutoCommit " + autoCommit);
          yield null;
        }
        case "rollback" -> {
          calls.add("rollback");
          if (rollbackFailure.isPresent()) {
            throw rollbackFailure.get();
          }
          transaction = TransactionState.IDLE;
          yield null;
        }
        case "createStatement" -> {
          calls.add("createStatement");
          transaction = TransactionState.IDLE;
          yield Proxy.newProxyInstance(
              Stub.class.getClassLoader(),
              new Class<?>[] {Statement.class},
              (_, call, sql) -> {
                if (call.getName().equals("execute")) {
                  calls.add("execute " + sql[0]);
                  return false;
                }
                return null;
              });
        }
        case "setNetworkTimeout" -> {
          if (timeoutFailure.isPresent()) {
            throw timeoutFailure.get();
          }
          networkTimeout = (Integer) arguments[1];
          yield null;
        }
        case "isValid" -> {
          calls.add("isValid within " + networkTimeout);
          yield valid;
        }
        case "close" -> {
          closes++;
          open.decrementAndGet();
          assertEquals(1, closes, "closed twice");
          if (closeFailure.isPresent()) {
            throw closeFailure.get();
          }
          yield null;
        }
        default -> throw new UnsupportedOperationException(method.getName());
      };
    }
  }
}
