package dsql.local;

import dsql.local.auth.Credentials;
import dsql.local.sam.Containers;
import dsql.local.sam.SamLocal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The endpoint for a command line: prints one line of JSON, then serves until its standard input
/// ends (see [EndOfInput]) or it is interrupted.
///
/// The optional argument is the port. Properties:
///
/// - `dsql.file` names a file that the line of JSON is written to besides, whole or not at all;
/// - `sam`, if it is `true`, has it serve containers, too: it writes what `sam local` needs into
///   `target/sam-local` and prints the commands (see [SamLocal]);
/// - `sam.bind` is the address at which containers reach it, where it cannot tell (see
///   [Containers]).
public final class Main {
  private static final Duration JOB_DELAY = Duration.ofSeconds(1);
  private static final Path SAM_LOCAL = Path.of("target", "sam-local");

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    try {
      serve(args);
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      System.err.println("The endpoint cannot start: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void serve(String[] args) throws InterruptedException, IOException {
    LocalDsql.Builder builder = LocalDsql.builder().jobDelay(JOB_DELAY);
    if (args.length > 0) {
      builder.port(Integer.parseInt(args[0]));
    }
    String file = System.getProperty("dsql.file", "");
    if (!file.isEmpty() && !Files.isDirectory(Path.of(file).toAbsolutePath().resolveSibling("."))) {
      throw new IllegalArgumentException("dsql.file is in no directory that exists: " + file);
    }
    String bind = System.getProperty("sam.bind", "");
    boolean sam =
        switch (System.getProperty("sam", "false")) {
          case "true" -> true;
          case "false" -> false;
          case String other ->
              throw new IllegalArgumentException("sam is true or false, not '" + other + "'");
        };
    if (!sam && !bind.isEmpty()) {
      throw new IllegalArgumentException("sam.bind is for containers: give -Dsam=true, too");
    }
    EndOfInput input = EndOfInput.watch();
    if (sam) {
      List<InetAddress> addresses = Containers.addresses(bind);
      builder.host(Containers.HOST).addresses(addresses);
      try (SamLocal local = SamLocal.in(SAM_LOCAL);
          LocalDsql dsql = builder.start()) {
        local.write(dsql);
        tell(describe(dsql));
        tell(local, addresses);
        input.up();
        input.await();
      }
    } else {
      try (LocalDsql dsql = builder.start()) {
        tell(describe(dsql));
        input.up();
        input.await();
      }
    }
  }

  // On a line of its own: Maven 3.8 leaves colour codes behind, without a line's end.
  private static void tell(String described) throws IOException {
    String file = System.getProperty("dsql.file", "");
    if (!file.isEmpty()) {
      Path target = Path.of(file).toAbsolutePath();
      Path written =
          Files.writeString(target.resolveSibling(target.getFileName() + ".new"), described + "\n");
      Files.move(
          written, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
    System.out.println("\n" + described);
  }

  private static void tell(SamLocal local, List<InetAddress> addresses) {
    String where =
        addresses.stream()
            .map(address ->
                address.isAnyLocalAddress()
                    ? "every address of this machine"
                    : address.getHostAddress())
            .collect(Collectors.joining(" and "));
    System.out.println(
        """

        It listens on %s, and lets in whoever brings one of its tokens.

        In a second terminal, from this directory, with Docker (the first run fetches Lambda's image):
        %s
        %s
        %s
        The scheduled event:
        %s
        The HTTP API, at http://127.0.0.1:3000/:
        %s\
        """
            .formatted(
                where,
                local.invoke("events/create.json"),
                local.invoke("events/insert.json"),
                local.invoke("events/query.json"),
                local.invoke("events/schedule-rule.json"),
                local.startApi()));
  }

  private static String describe(LocalDsql dsql) {
    Credentials credentials = dsql.credentials();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("host", dsql.host());
    fields.put("port", dsql.port());
    fields.put("user", "admin");
    fields.put("database", "postgres");
    fields.put("region", dsql.region());
    fields.put("accessKeyId", credentials.accessKeyId());
    fields.put("secretAccessKey", credentials.secretAccessKey());
    fields.put("sessionToken", credentials.sessionToken());
    fields.put("token", dsql.token("admin"));
    fields.put("caFile", dsql.caFile().toAbsolutePath());
    fields.put("trustStore", dsql.trustStore().toAbsolutePath());
    fields.put("trustStorePassword", dsql.trustStorePassword());
    return fields.entrySet().stream()
        .map(e -> '"' + e.getKey() + "\":" + json(e.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String json(Object value) {
    return value instanceof Number
        ? value.toString()
        : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
