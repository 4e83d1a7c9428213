package dsql.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.runtime.Reply.FunctionError;
import dsql.runtime.Reply.Success;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The stub of the Runtime API, and what the handler relies on in the runtime interface client.
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@TestInstance(Lifecycle.PER_CLASS)
class RuntimeProcessTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String ECHO = Echo.class.getName();

  private Path root;
  private RuntimeProcess shared;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    root = TaskRoot.of(directory);
    shared = echo(ECHO + "::handleRequest", Map.of("COLOUR", "blue"), List.of("-Dshape=round"));
  }

  @AfterAll
  void stop() {
    shared.close();
  }

  private RuntimeProcess echo(String handler, Map<String, String> environment, List<String> jvm) {
    return RuntimeProcess.startBuilt(root, handler, environment, jvm);
  }

  private RuntimeProcess echo(String handler, Map<String, String> environment) {
    return echo(handler, environment, List.of());
  }

  private static String ok(RuntimeProcess process, String event) {
    return assertInstanceOf(Success.class, process.invoke(event, DEADLINE)).body();
  }

  private static FunctionError failed(RuntimeProcess process, String event) {
    return assertInstanceOf(FunctionError.class, process.invoke(event, DEADLINE));
  }

  @Test
  void ownTypesGoThroughTheOwnSerializer() {
    assertEquals(Optional.empty(), shared.initError());
    assertEquals("\"Grüße, 世界\"", ok(shared, "echo Grüße, 世界"));
  }

  @Test
  void methodNameMayBeLeftOut() {
    try (RuntimeProcess process = echo(ECHO, Map.of())) {
      assertEquals("\"hello\"", ok(process, "echo hello"));
    }
  }

  @Test
  void largeEventsAndRepliesArriveWhole() {
    String text = "x".repeat(6_291_556 - 2);
    Reply reply = shared.invoke("echo " + text, DEADLINE);
    assertEquals(6_291_556, reply.bytes());
    assertEquals('"' + text + '"', reply.body());
  }

  @Test
  void environmentIsTheGivenOneAndLambdas() {
    assertEquals("\"blue\"", ok(shared, "variable COLOUR"));
    assertEquals("\"1769\"", ok(shared, "variable AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
    assertEquals("\"round\"", ok(shared, "property shape"));
    Set<String> names =
        new TreeSet<>(List.of(ok(shared, "variables").replace("\"", "").split(" ")));
    assertFalse(names.contains("PATH"), names::toString);
    assertFalse(names.contains("HOME"), names::toString);
  }

  @Test
  void deadlineIsTheGivenOne() {
    int remaining = Integer.parseInt(ok(shared, "remaining").replace("\"", ""));
    assertTrue(remaining > 20_000 && remaining <= 30_000, () -> "remaining " + remaining);
  }

  @Test
  void requestIdsDiffer() {
    assertFalse(ok(shared, "request").equals(ok(shared, "request")));
  }

  @Test
  void outputIsKept() {
    assertEquals("\"printed\"", ok(shared, "print {\"n\":1}"));
    assertEquals("{\"n\":1}", shared.awaitOutput(line -> line.contains("\"n\":1"), DEADLINE));
  }

  @Test
  void exceptionKeepsItsClassAndMessage() {
    FunctionError error = failed(shared, "traced {\"code\":\"conflict\"}");
    assertEquals(Echo.Traced.class.getName(), error.errorType());
    assertEquals("{\"code\":\"conflict\"}", error.errorMessage());
    assertEquals(ECHO + ".handleRequest(Echo.java", error.stackTrace().getFirst().split(":", 2)[0]);
    assertFalse(error.body().contains("the cause"), error::body);
  }

  @Test
  void exceptionWithoutATraceHasNone() {
    FunctionError error = failed(shared, "quiet {\"code\":\"conflict\"}");
    assertEquals(Echo.Quiet.class.getName(), error.errorType());
    assertEquals("{\"code\":\"conflict\"}", error.errorMessage());
    assertEquals(List.of(), error.stackTrace());
  }

  @Test
  void errorIsReportedToTheTraceToo() {
    FunctionError error = failed(shared, "quiet seen-in-the-trace");
    assertEquals("Runtime.UserException", error.category());
    assertTrue(error.tracedCause().contains("seen-in-the-trace"), error::tracedCause);
  }

  @Test
  void exceptionsAreLoggedWithTheirCauses() {
    failed(shared, "traced seen-in-the-log");
    shared.awaitOutput(line -> line.contains("Traced: seen-in-the-log"), DEADLINE);
    shared.awaitOutput(line -> line.contains("Caused by:") && line.contains("the cause"), DEADLINE);
  }

  @Test
  void serializerThatThrowsHidesItsException() {
    FunctionError reading = failed(shared, "unreadable");
    assertEquals(RuntimeException.class.getName(), reading.errorType());
    assertEquals("An error occurred during JSON parsing", reading.errorMessage());
    FunctionError writing = failed(shared, "unwritable");
    assertEquals(RuntimeException.class.getName(), writing.errorType());
    assertEquals("An error occurred during JSON serialization of response", writing.errorMessage());
  }

  @Test
  void constructorThatThrowsIsAnInitError() {
    try (RuntimeProcess process = echo(ECHO + "$Unmakeable", Map.of())) {
      FunctionError error = process.initError().orElseThrow();
      assertEquals(IllegalStateException.class.getName(), error.errorType());
      assertTrue(error.errorMessage().contains("CLUSTER_ENDPOINT is not set"), error::toString);
      assertEquals(1, process.awaitExit());
      assertThrows(NoReply.class, () -> process.invoke("echo", DEADLINE));
    }
  }

  @Test
  void processThatEndsOwesNoReply() {
    try (RuntimeProcess process = echo(ECHO, Map.of())) {
      NoReply thrown = assertThrows(NoReply.class, () -> process.invoke("exit", DEADLINE));
      assertTrue(String.valueOf(thrown.getMessage()).contains("status 3"), thrown::getMessage);
    }
  }

  @Test
  void replyAfterTheDeadlineIsNone() {
    try (RuntimeProcess process = echo(ECHO, Map.of())) {
      assertEquals("\"hello\"", ok(process, "echo hello"));
      // Alone there, it waits for three others.
      assertThrows(NoReply.class, () -> process.invoke("meet", Duration.ofMillis(200)));
    }
  }

  @Test
  void severalInvocationsRunAtOnce() throws InterruptedException, ExecutionException {
    try (RuntimeProcess process = echo(ECHO, Map.of("AWS_LAMBDA_MAX_CONCURRENCY", "4"));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> replies = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        replies.add(callers.submit(() -> ok(process, "meet")));
      }
      for (Future<String> reply : replies) {
        assertEquals("\"met\"", reply.get());
      }
    }
  }

  @Test
  void hooksRunAtCheckpointAndRestore() {
    try (RuntimeProcess process = snapshot("nothing")) {
      process.awaitCheckpoint();
      assertEquals(Optional.empty(), process.initError());
      assertEquals(Optional.empty(), process.restore());
      assertEquals("made checkpoint restore", ok(process, ""));
    }
  }

  @Test
  void hookThatThrowsBeforeTheCheckpointIsAnInitError() {
    try (RuntimeProcess process = snapshot("checkpoint")) {
      FunctionError error = process.initError().orElseThrow();
      assertEquals("com.amazonaws.services.lambda.crac.CheckpointException", error.errorType());
      // Why, is in the log alone.
      assertEquals(64, process.awaitExit());
    }
  }

  @Test
  void hookThatThrowsAfterTheRestoreIsARestoreError() {
    try (RuntimeProcess process = snapshot("restore")) {
      process.awaitCheckpoint();
      FunctionError error = process.restore().orElseThrow();
      assertEquals("com.amazonaws.services.lambda.crac.RestoreException", error.errorType());
      assertEquals(64, process.awaitExit());
    }
  }

  private RuntimeProcess snapshot(String fail) {
    return echo(
        ECHO + "$Snapshot", Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start", "FAIL", fail));
  }

  @Test
  void compiledClassesRunWithPackagedLibrariesOnly() {
    try (RuntimeProcess process =
        RuntimeProcess.start(
            ECHO + "$Stream", Map.of(), List.of(), List.of(TaskRoot.testClasses()))) {
      assertEquals("{\"a\":1}", ok(process, "{\"a\":1}"));
    }
  }
}
