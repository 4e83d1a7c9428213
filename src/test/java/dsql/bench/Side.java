package dsql.bench;

import dsql.bench.peer.UsualHandler;
import dsql.local.LocalDsql;
import dsql.local.auth.Credentials;
import dsql.runtime.Reply;
import dsql.runtime.RuntimeProcess;
import dsql.runtime.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One side of a cold start: what was laid out, and its handler.
///
/// @param program what starts the JVM; empty for nothing
/// @param trust flags by which it trusts the endpoint
record Side(Artefact artefact, String handler, List<String> program, List<String> trust) {

  private static final Duration LIMIT = Duration.ofSeconds(29);

  /// One cold start.
  ///
  /// @param milliseconds from the start of the process to the first reply
  /// @param cpu milliseconds of processor time in it
  /// @param memory megabytes resident at the peak
  record Start(double milliseconds, double cpu, double memory) {}

  /// This project's. It trusts the endpoint as it does a cluster: by a root that is packaged.
  static Side ours(Artefact artefact, List<String> program, LocalDsql dsql)
      throws IOException, GeneralSecurityException {
    Trust.packaged(artefact.root(), dsql);
    return new Side(artefact, "dsql.lambda.Handler::handleRequest", program, List.of());
  }

  /// The usual stack's. It trusts the endpoint as it does a cluster: by the JVM's whole store.
  static Side usual(Artefact artefact, List<String> program, LocalDsql dsql)
      throws IOException, GeneralSecurityException {
    return new Side(
        artefact,
        UsualHandler.class.getName() + "::handleRequest",
        program,
        Trust.inStore(artefact.root(), dsql));
  }

  /// Starts it, with key variables unless `more` says otherwise.
  RuntimeProcess start(LocalDsql dsql, Map<String, String> more, List<String> flags) {
    Map<String, String> environment = new HashMap<>();
    environment.put("CLUSTER_ENDPOINT", dsql.endpoint());
    environment.put("CLUSTER_USER", "admin");
    environment.put("AWS_REGION", dsql.region());
    environment.putAll(more);
    List<String> all = new ArrayList<>(flags);
    // As in a Lambda of 512 MB: the JVM begins with a heap of a 64th of the machine's memory.
    all.add("-XX:MaxRAM=512m");
    all.add("-Xmx440m");
    all.addAll(trust);
    return RuntimeProcess.startBuilt(program, artefact.root(), handler, environment, all);
  }

  static Map<String, String> keys(Credentials credentials) {
    return Map.of(
        "AWS_ACCESS_KEY_ID", credentials.accessKeyId(),
        "AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey(),
        "AWS_SESSION_TOKEN", credentials.sessionToken());
  }

  /// From nothing to the reply of an insert over HTTP.
  Start cold(LocalDsql dsql, String table) throws Exception {
    try (RuntimeProcess process = start(dsql, keys(dsql.credentials()), List.of())) {
      Reply reply = process.invoke(People.overHttp(People.insert(table)), LIMIT);
      long end = System.nanoTime();
      check(reply);
      Path self = Path.of("/proc", Long.toString(process.pid()));
      return new Start((end - process.startedAt()) / 1e6, cpu(self), memory(self));
    }
  }

  static void check(Reply reply) throws Exception {
    if (!(reply instanceof Reply.Success)) {
      throw new Replies.WrongReply(reply.body());
    }
    Replies.having("\"statusCode\":200", "\\\"written\\\":1", "\\\"rows\\\":[{\\\"id\\\":\\\"")
        .check(People.utf8(reply.body()));
  }

  /// User and system time, counted by the kernel in hundredths of a second.
  private static double cpu(Path self) throws IOException {
    String stat = Files.readString(self.resolve("stat"));
    // After the program's name, which stands in parentheses.
    String[] field = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(field[11]) + Long.parseLong(field[12])) * 10.0;
  }

  private static double memory(Path self) throws IOException {
    String peak = Machine.field(self.resolve("status").toString(), "VmHWM");
    return Long.parseLong(peak.split(" ", -1)[0]) * 1024 / 1e6;
  }
}
