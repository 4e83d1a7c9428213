package dsql.lambda.process;

import static dsql.JsonAssert.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.RoundTrips;
import dsql.SharedDsql;
import dsql.Tables;
import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.local.fault.Rejection;
import dsql.runtime.ContainerCredentials;
import dsql.runtime.Reply.Success;
import dsql.runtime.RuntimeProcess;
import dsql.runtime.TaskRoot;
import dsql.runtime.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// From the start over the checkpoint to the first invocation after it, under the real runtime
/// client.
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@ExtendWith(SharedDsql.class)
final class SnapStartTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String INSERT =
      "{\"action\":\"insert\",\"table\":\"restored\",\"rows\":[{\"name\":\"John Doe\"}],"
          + "\"returning\":[\"name\"],\"idempotencyKey\":\"KEY\"}";
  private static final Credentials BEFORE =
      new Credentials("ASIABEFORE0000000001", "before/secret+key", "before/session==");
  private static final Credentials AFTER =
      new Credentials("ASIAAFTER00000000002", "after/secret+key", "after/session==");

  private static final String LEDGER =
      """
      CREATE TABLE public.dsql_ledger (key text PRIMARY KEY, fingerprint text NOT NULL,
      next_row integer NOT NULL, written integer NOT NULL, reply text, returned jsonb,
      created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL);
      ALTER TABLE public.dsql_ledger OWNER TO admin
      """;

  private final LocalDsql dsql;
  private final ContainerCredentials container;

  SnapStartTest(LocalDsql dsql) throws IOException {
    this.dsql = dsql;
    this.container = new ContainerCredentials(longLived(BEFORE));
  }

  @BeforeEach
  void prepare() throws SQLException {
    Tables.fresh(dsql, "restored", "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text");
    Tables.drop(dsql, "dsql_ledger");
    dsql.trust(BEFORE);
    dsql.trust(AFTER);
  }

  @AfterEach
  void clear() throws SQLException {
    dsql.faults().clear();
    Tables.drop(dsql, "dsql_ledger");
    dsql.revoke(BEFORE.accessKeyId());
    dsql.revoke(AFTER.accessKeyId());
    container.close();
  }

  @Test
  void nothingOfThePrimingOutlivesTheCheckpoint() throws Exception {
    int logins = dsql.logins().size();
    try (RuntimeProcess process = start(Map.of())) {
      assertEquals("INFO primed", primed(process));
      assertTrue(dsql.logins().size() > logins, "it went as far as the database");
      assertTrue(container.served() > 0);
      assertEquals(List.of(), process.sockets());
      Tables.awaitNoSessions(dsql);
      assertEquals("null", Tables.value(dsql, "SELECT to_regclass('public.dsql_ledger')"));

      // The SDK would keep them for hours.
      container.rotate(longLived(AFTER));
      dsql.revoke(BEFORE.accessKeyId());
      dsql.restart();
      assertServes(process);
      assertEquals(AFTER.accessKeyId(), dsql.logins().getLast().accessKeyId());
      assertEquals(List.of(dsql.port()), process.sockets());
    }
  }

  /// Beside that of TCP they are those of TLS, of the startup, of the password and of the
  /// statement.
  @Test
  void theFirstReplyTakesFourRoundTripsOfTheConnection() throws Exception {
    try (RoundTrips wire = new RoundTrips(dsql.port())) {
      String first = "{\"action\":\"query\",\"table\":\"restored\"}";
      for (String event : List.of(INSERT.replace("KEY", "first"), first)) {
        // The ledger is there from earlier invocations.
        Tables.run(dsql, LEDGER);
        Map<String, String> relayed = Map.of("CLUSTER_ENDPOINT", "localhost:" + wire.port());
        try (RuntimeProcess process = start(relayed)) {
          assertEquals("INFO primed", primed(process));
          assertEquals(Optional.empty(), process.restore());
          // So that what follows without an answer is not counted by mistake.
          wire.delay(Duration.ofMillis(50));
          int before = wire.count();
          assertInstanceOf(
              Success.class, process.invoke(event.getBytes(StandardCharsets.UTF_8), LIMIT));
          assertEquals(4, wire.count() - before);
          wire.delay(Duration.ZERO);
        }
        Tables.drop(dsql, "dsql_ledger");
      }
    }
  }

  @Test
  void aTableThatHasChangedSinceTheCheckpointIsReadAgain() throws Exception {
    Tables.run(dsql, LEDGER);
    try (RuntimeProcess process = start(Map.of())) {
      assertEquals("INFO primed", primed(process));
      Tables.drop(dsql, "dsql_ledger");
      Tables.fresh(dsql, "restored", "name char(10), id bigint PRIMARY KEY DEFAULT 1");
      assertEquals(Optional.empty(), process.restore());
      String event = INSERT.replace("KEY", "changed");
      Success reply =
          assertInstanceOf(
              Success.class, process.invoke(event.getBytes(StandardCharsets.UTF_8), LIMIT));
      assertEquals("committed", at(reply.body(), "outcome"));
      assertEquals("John Doe  ", at(reply.body(), "rows/0/name"));
    }
  }

  @Test
  void primingWritesNothing() throws Exception {
    Tables.run(dsql, "ALTER DATABASE postgres SET default_transaction_read_only = on");
    try (RuntimeProcess process = start(Map.of())) {
      assertEquals("INFO primed", primed(process));
    } finally {
      Tables.run(
          dsql,
          "BEGIN READ WRITE;"
              + "ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT");
    }
  }

  @Test
  void aNameIsLookedUpAgainAfterTheRestore(@TempDir Path directory) throws IOException {
    Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.9 localhost\n");
    // Nobody listens there.
    try (RuntimeProcess process = start(Map.of(), "-Djdk.net.hosts.file=" + hosts)) {
      assertEquals("WARN primed database_unavailable", primed(process));
      assertEquals(List.of(), process.sockets());
      Files.writeString(hosts, "127.0.0.1 localhost\n");
      assertServes(process);
    }
  }

  @Test
  void aUserThatTheClusterDoesNotKnowYetIsNoHindrance() throws SQLException {
    try (RuntimeProcess process =
        start(Map.of("CLUSTER_USER", "later", "CLUSTER_SCHEMA", "later_on"))) {
      assertEquals("WARN primed access_denied", primed(process));
      assertEquals(List.of(), process.sockets());
      dsql.createRole("later", "later_on");
      Tables.run(dsql, "CREATE TABLE later_on.restored (name text)");
      Tables.run(dsql, "ALTER TABLE later_on.restored OWNER TO later");
      assertServes(process);
    }
  }

  @Test
  void missingCredentialsAreNoHindrance() {
    container.withhold();
    try (RuntimeProcess process = start(Map.of("AWS_EC2_METADATA_DISABLED", "true"))) {
      assertEquals("WARN primed access_denied", primed(process));
      assertEquals(List.of(), process.sockets());
      container.rotate(longLived(AFTER));
      assertServes(process);
    }
  }

  @Test
  void aClusterThatRefusesIsNoHindrance() {
    dsql.faults().refuseConnections(1000, Rejection.WAKING_UP);
    try (RuntimeProcess process = start(Map.of())) {
      assertEquals("WARN primed database_unavailable", primed(process));
      assertEquals(List.of(), process.sockets());
      dsql.faults().clear();
      assertServes(process);
    }
  }

  @Test
  void aClusterThatDoesNotAnswerIsNoHindrance() {
    dsql.faults().freeze();
    try (RuntimeProcess process = start(Map.of("CONNECT_TIMEOUT", "PT60S"))) {
      assertEquals("WARN primed", primed(process).substring(0, 11));
      assertEquals(List.of(), process.sockets());
      dsql.faults().thaw();
      assertServes(process);
    }
  }

  /// As in Lambda, where no trust store is named.
  @Test
  void noTlsSessionOfThePackagedRootsIsGoneOnWith(@TempDir Path directory) throws Exception {
    Path root = TaskRoot.ofProject(directory);
    Trust.packaged(root, dsql);
    try (RuntimeProcess process =
        RuntimeProcess.startBuilt(
            root,
            "dsql.lambda.Handler::handleRequest",
            environment(Map.of()),
            List.of("-Djavax.net.debug=ssl:handshake"))) {
      process.awaitCheckpoint();
      List<String> before = resumptions(process.output());
      assertTrue(before.contains("resumes"), "the priming's own connections do: " + before);
      assertServes(process);
      List<String> all = resumptions(process.output());
      assertEquals(List.of("new"), all.subList(before.size(), all.size()));
    }
  }

  /// What is loaded and computed then is what the first connection needs.
  @Test
  void withoutADatabaseItGreetsNobodyAsItWouldTheDatabase(@TempDir Path directory)
      throws Exception {
    Path root = TaskRoot.ofProject(directory);
    try (RuntimeProcess process =
        RuntimeProcess.startBuilt(
            root,
            "dsql.lambda.Handler::handleRequest",
            environment(Map.of("CLUSTER_ENDPOINT", "localhost:1")),
            List.of("-Djavax.net.debug=ssl:handshake"))) {
      process.awaitCheckpoint();
      List<String> output = process.output();
      int greetings = resumptions(output).size();
      // While an application starts, and for want of a handshake.
      assertTrue(greetings >= 2, () -> greetings + " greetings");
      assertEquals(greetings, output.stream().filter(line -> line.contains("[postgresql")).count());
    }
  }

  /// Of each handshake that a JVM tells of, whether the client offered an earlier session.
  private static List<String> resumptions(List<String> output) {
    List<String> handshakes = new ArrayList<>();
    for (String line : output) {
      if (line.contains("Produced ClientHello handshake message")) {
        handshakes.add("new");
      } else if (line.contains("\"pre_shared_key (41)\": {") && !handshakes.isEmpty()) {
        handshakes.set(handshakes.size() - 1, "resumes");
      }
    }
    return handshakes;
  }

  private Map<String, String> environment(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(LocalFunction.environment(dsql, more));
    environment.putAll(container.environment());
    environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    return environment;
  }

  private RuntimeProcess start(Map<String, String> more, String... jvm) {
    Map<String, String> environment = environment(more);
    List<String> arguments = new ArrayList<>(List.of(jvm));
    arguments.add("-Djavax.net.ssl.trustStore=" + dsql.trustStore());
    arguments.add("-Djavax.net.ssl.trustStorePassword=" + dsql.trustStorePassword());
    return RuntimeProcess.start("dsql.lambda.Handler::handleRequest", environment, arguments);
  }

  /// Waits for the checkpoint, and tells how the priming went.
  private static String primed(RuntimeProcess process) {
    process.awaitCheckpoint();
    assertEquals(Optional.empty(), process.initError());
    List<String> lines = process.output();
    assertEquals(1, lines.size(), lines::toString);
    String line = lines.getFirst();
    assertTrue(Long.parseLong(at(line, "milliseconds")) < 12_000, line);
    String problem = line.contains("\"problem\"") ? ' ' + at(line, "problem/code") : "";
    return at(line, "level") + ' ' + at(line, "event") + problem;
  }

  private static void assertServes(RuntimeProcess process) {
    assertEquals(Optional.empty(), process.restore());
    String key = Instant.now().toString();
    Success reply =
        assertInstanceOf(
            Success.class,
            process.invoke(INSERT.replace("KEY", key).getBytes(StandardCharsets.UTF_8), LIMIT));
    assertEquals("committed", at(reply.body(), "outcome"));
    assertEquals("1", at(reply.body(), "attempts"));
    assertEquals("John Doe", at(reply.body(), "rows/0/name"));
  }

  private static ContainerCredentials.Credentials longLived(Credentials credentials) {
    return new ContainerCredentials.Credentials(
        credentials.accessKeyId(),
        credentials.secretAccessKey(),
        credentials.sessionToken(),
        Instant.now().plus(Duration.ofHours(6)));
  }
}
