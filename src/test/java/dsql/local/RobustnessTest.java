package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Whatever clients do, nothing stays behind.
@Tag("endToEnd")
class RobustnessTest {
  private final LocalDsql dsql = Endpoints.shared();

  @Test
  void survivesGarbage() throws IOException, SQLException {
    Random random = new Random(7);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[random.nextInt(1, 400)];
      random.nextBytes(bytes);
      if (i % 4 == 0) {
        bytes[0] = 0x16;
      }
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), dsql.port())) {
        socket.getOutputStream().write(bytes);
      }
    }
    // Accepted in order: when this one is served, all before it have been accepted.
    Endpoints.connect(dsql).close();
    settles(0, RobustnessTest::sessionThreads);
  }

  @Test
  void survivesHalfOpenHandshakes() throws IOException, SQLException {
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), dsql.port());
      OutputStream out = socket.getOutputStream();
      out.write(
          i % 2 == 0 ? new byte[] {0, 0, 0, 8, 4, (byte) 0xd2, 0x16, 0x2f} : new byte[] {0x16});
      open.add(socket);
    }
    Endpoints.connect(dsql).close();
    for (Socket socket : open) {
      socket.close();
    }
    settles(0, RobustnessTest::sessionThreads);
  }

  @Test
  void twoHundredConnectionsLeaveNothing() throws SQLException {
    Endpoints.connect(dsql).close();
    settles(0, dsql::openSessions);
    int files = openFiles();
    for (int i = 0; i < 200; i++) {
      Connection connection = Endpoints.connect(dsql);
      try (Statement statement = connection.createStatement()) {
        if (i % 3 == 0) {
          connection.setAutoCommit(false);
          statement.execute("select 1");
        }
      }
      connection.close();
    }
    settles(0, dsql::openSessions);
    settles(0, RobustnessTest::sessionThreads);
    assertTrue(openFiles() <= files + 5, () -> files + " files before, " + openFiles() + " after");
  }

  @Test
  void ignoresCancelRequests() throws IOException, SQLException {
    try (Connection connection = Endpoints.connect(dsql);
        Statement statement = connection.createStatement()) {
      statement.cancel();
      statement.execute("select 1");
    }
  }

  @Test
  void closingDoesNotWaitForStatements() throws Exception {
    LocalDsql own = LocalDsql.start();
    try (Connection connection = Endpoints.connect(own);
        Statement statement = connection.createStatement()) {
      CompletableFuture<String> result =
          CompletableFuture.supplyAsync(() -> {
            try {
              statement.execute("select pg_sleep(60)");
              return "slept";
            } catch (SQLException e) {
              return String.valueOf(e.getSQLState());
            }
          });
      try (Connection superuser = own.superuser().getConnection();
          Statement look = superuser.createStatement()) {
        settles(1, () -> sleepers(look));
      }
      own.close();
      assertTrue(result.get(5, TimeUnit.SECONDS).startsWith("08"));
    } finally {
      own.close();
    }
  }

  private static int sleepers(Statement look) {
    try (ResultSet row =
        look.executeQuery("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void closingEndsEverything() throws SQLException {
    LocalDsql own = LocalDsql.start();
    Path directory = own.caFile().getParent();
    try (Connection connection = Endpoints.connect(own)) {
      own.close();
      assertFalse(connection.isValid(1));
    }
    assertEquals(0, sessionThreads());
    assertFalse(Files.exists(directory));
  }

  // Threads end soon after their sockets, but not with them.
  private static void settles(int expected, IntSupplier count) {
    Instant end = Instant.now().plus(Duration.ofSeconds(15));
    int now = count.getAsInt();
    while (now != expected && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
      now = count.getAsInt();
    }
    assertEquals(expected, now);
  }

  private static int sessionThreads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("dsql-session-"))
            .count();
  }

  private static int openFiles() {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return (int) files.count();
    } catch (IOException e) {
      // No such place on this system: nothing to compare.
      return 0;
    }
  }
}
