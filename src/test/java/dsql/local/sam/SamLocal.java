package dsql.local.sam;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import dsql.local.LocalDsql;
import dsql.runtime.TaskRoot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A directory from which `sam local` runs the function, as compiled, against a local endpoint: the
/// function as a build would lay it out, with the endpoint's authority beside it, for a container
/// sees nothing else; a template; and the values of the template's variables.
///
/// One process at a time may write a directory: it holds a lock until it closes this.
public final class SamLocal implements AutoCloseable {
  /// Where a container sees the function.
  private static final String TASK_ROOT = "/var/task/";

  private static final String TRUST_STORE = "endpoint-trust.p12";

  /// Those of the template that is deployed which the endpoint leaves at their defaults. Given as
  /// empty, for `sam local` would take them from the shell.
  private static final List<String> DEFAULTS =
      List.of(
          "CLUSTER_SCHEMA",
          "POOL_MAX",
          "POOL_MAX_LIFETIME",
          "POOL_MAX_IDLE",
          "CONNECT_TIMEOUT",
          "RETRY_MAX_ATTEMPTS",
          "LEDGER_TTL",
          "HTTP_ACTIONS",
          "DIRECT_ACTIONS",
          "SCHEDULE_ACTIONS",
          "SCHEDULED_ACTION",
          "REVISION");

  private final Path directory;
  private final FileChannel lock;

  private SamLocal(Path directory, FileChannel lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /// Takes hold of the directory.
  ///
  /// @param directory as the user's shell names it
  /// @throws IOException when another process holds it
  public static SamLocal in(Path directory) throws IOException {
    Path file = directory.resolveSibling(directory.getFileName() + ".lock");
    Files.createDirectories(file.toAbsolutePath().getParent());
    FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (lock.tryLock() == null) {
      lock.close();
      throw new IOException(
          "another endpoint for containers serves from " + directory + "; end that one first");
    }
    return new SamLocal(directory, lock);
  }

  /// Writes the directory, in place of one that an earlier start wrote.
  public void write(LocalDsql dsql) throws IOException {
    delete(directory);
    Path function = Files.createDirectories(directory.resolve("function"));
    TaskRoot.ofProject(function);
    Files.copy(
        dsql.trustStore(), function.resolve(TRUST_STORE), StandardCopyOption.REPLACE_EXISTING);
    SortedMap<String, String> variables = variables(dsql);
    Files.writeString(
        directory.resolve("env.json"), new Gson().toJson(Map.of("Function", variables)));
    Files.writeString(directory.resolve("template.yaml"), template(variables));
  }

  /// Lets go of the directory, and leaves it as it is.
  @Override
  public void close() throws IOException {
    lock.close();
  }

  /// The command that sends the function an event.
  ///
  /// @param event a file
  public String invoke(String event) {
    return "sam local invoke Function " + options() + " --event " + event;
  }

  /// The command that puts the HTTP API in front of the function.
  public String startApi() {
    return "sam local start-api " + options();
  }

  private String options() {
    return "--template %1$s/template.yaml --env-vars %1$s/env.json --add-host %2$s:host-gateway"
        .formatted(directory.toString().replace('\\', '/'), Containers.HOST);
  }

  private static SortedMap<String, String> variables(LocalDsql dsql) {
    SortedMap<String, String> variables = new TreeMap<>();
    for (String name : DEFAULTS) {
      variables.put(name, "");
    }
    variables.put("CLUSTER_ENDPOINT", dsql.endpoint());
    variables.put("CLUSTER_USER", "admin");
    variables.put("CLUSTER_REGION", dsql.region());
    // The endpoint's own, in place of those that `sam local` finds on this machine.
    variables.put("AWS_ACCESS_KEY_ID", dsql.credentials().accessKeyId());
    variables.put("AWS_SECRET_ACCESS_KEY", dsql.credentials().secretAccessKey());
    variables.put("AWS_SESSION_TOKEN", dsql.credentials().sessionToken());
    variables.put(
        "JAVA_TOOL_OPTIONS",
        "-Djavax.net.ssl.trustStore=%s%s -Djavax.net.ssl.trustStorePassword=%s"
            .formatted(TASK_ROOT, TRUST_STORE, dsql.trustStorePassword()));
    return variables;
  }

  private static String template(SortedMap<String, String> variables) throws IOException {
    try (InputStream template = SamLocal.class.getResourceAsStream("template.yaml")) {
      if (template == null) {
        throw new IOException("The template of sam local is not on the class path.");
      }
      String declared =
          variables.keySet().stream()
              .map(name -> "          " + name + ": \"\"")
              .collect(Collectors.joining("\n"));
      return new String(template.readAllBytes(), UTF_8)
          .replace("@architecture@", architecture())
          .replace("@variables@", declared);
    }
  }

  /// This machine's processor, as Lambda names it.
  public static String architecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x86_64";
  }

  private static void delete(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
