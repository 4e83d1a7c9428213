package dsql.runtime;

import dsql.runtime.Reply.FunctionError;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A handler run by the real runtime interface client in a JVM of its own, as Lambda runs it. Safe
/// for concurrent use.
///
/// The process has the environment that it is given and Lambda's own variables, nothing else. Linux
/// only, as the client.
public final class RuntimeProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final String CLIENT = "com.amazonaws.services.lambda.runtime.api.client";

  /// Where a Maven repository keeps what Lambda itself provides.
  private static final List<String> PLATFORM =
      List.of(
          "/com/amazonaws/aws-lambda-java-runtime-interface-client/",
          "/com/amazonaws/aws-lambda-java-serialization/",
          "/com/amazonaws/aws-lambda-java-core/",
          "/software/amazon/awssdk/utils-lite/",
          "/software/amazon/awssdk/annotations/");

  /// Where it keeps what is packaged as jars; of the SDK, what is needed lies among the classes. A
  /// class that is missing here fails at once; test libraries must stay out, or they would stand in
  /// for what is not packaged.
  private static final List<String> PACKAGED =
      List.of("/org/crac/", "/org/postgresql/", "/org/slf4j/");

  private final RuntimeApi api;
  private final Process process;
  private final Path scratch;
  private final long startedAt;
  private final Thread reader;
  private final List<String> output = new ArrayList<>();
  private boolean outputEnded;

  private RuntimeProcess(RuntimeApi api, Process process, Path scratch, long startedAt) {
    this.api = api;
    this.process = process;
    this.scratch = scratch;
    this.startedAt = startedAt;
    reader = Thread.ofPlatform().daemon().name("runtime-output").unstarted(this::readOutput);
  }

  /// Starts the project's own classes, as compiled, with the libraries that are packaged with them.
  ///
  /// @param handler the class, or `Class::method`
  public static RuntimeProcess start(
      String handler, Map<String, String> environment, List<String> jvmArguments) {
    return start(handler, environment, jvmArguments, List.of());
  }

  /// The same, with more directories or jars at the end of the class path.
  public static RuntimeProcess start(
      String handler, Map<String, String> environment, List<String> jvmArguments, List<Path> more) {
    List<String> classPath = new ArrayList<>();
    classPath.add(Path.of("target", "classes").toAbsolutePath().toString());
    classPath.addAll(jars(PACKAGED));
    classPath.addAll(jars(PLATFORM));
    more.forEach(path -> classPath.add(path.toAbsolutePath().toString()));
    return launch(List.of(), Optional.empty(), classPath, handler, environment, jvmArguments);
  }

  /// Starts what a build laid out: classes in the directory itself, libraries in its `lib`.
  public static RuntimeProcess startBuilt(
      Path taskRoot, String handler, Map<String, String> environment, List<String> jvmArguments) {
    return startBuilt(List.of(), taskRoot, handler, environment, jvmArguments);
  }

  /// The same, by way of another program.
  ///
  /// @param program such as `taskset` with its options: the command follows them
  public static RuntimeProcess startBuilt(
      List<String> program,
      Path taskRoot,
      String handler,
      Map<String, String> environment,
      List<String> jvmArguments) {
    return launch(
        program, Optional.of(taskRoot), jars(PLATFORM), handler, environment, jvmArguments);
  }

  private static RuntimeProcess launch(
      List<String> program,
      Optional<Path> taskRoot,
      List<String> classPath,
      String handler,
      Map<String, String> environment,
      List<String> jvmArguments) {
    try {
      Path scratch = Files.createTempDirectory("lambda-runtime");
      // The client adds its working directory to the class path: an empty one, unless there is a
      // task root.
      Path directory =
          taskRoot.isPresent() ? taskRoot.get() : Files.createDirectory(scratch.resolve("task"));
      RuntimeApi api = new RuntimeApi();
      try {
        List<String> command = new ArrayList<>(program);
        command.addAll(command(scratch, classPath, handler, jvmArguments));
        ProcessBuilder builder =
            new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        Map<String, String> variables = builder.environment();
        variables.clear();
        variables.putAll(platformVariables(handler, directory));
        variables.putAll(environment);
        variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
        long startedAt = System.nanoTime();
        RuntimeProcess started = new RuntimeProcess(api, builder.start(), scratch, startedAt);
        started.reader.start();
        return started;
      } catch (IOException | RuntimeException e) {
        api.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The command that runs what a build laid out in the working directory.
  ///
  /// @param scratch where the client's native library goes
  static List<String> command(Path scratch, String handler, List<String> jvmArguments)
      throws IOException {
    return command(scratch, jars(PLATFORM), handler, jvmArguments);
  }

  private static List<String> command(
      Path scratch, List<String> classPath, String handler, List<String> jvmArguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    // As the managed runtime does: binds org.crac to the client's own.
    command.add("-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-D" + CLIENT + ".runtimeapi.NativeClient.JNI=" + nativeLibrary(scratch));
    command.addAll(jvmArguments);
    command.add("-cp");
    command.add(String.join(File.pathSeparator, classPath));
    command.add(CLIENT + ".AWSLambda");
    command.add(handler);
    return command;
  }

  private static Map<String, String> platformVariables(String handler, Path taskRoot) {
    return Map.of(
        "_HANDLER", handler,
        "LAMBDA_TASK_ROOT", taskRoot.toString(),
        "AWS_REGION", "us-east-1",
        "AWS_DEFAULT_REGION", "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME", "dsql",
        "AWS_LAMBDA_FUNCTION_VERSION", "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769",
        "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/dsql",
        "AWS_LAMBDA_LOG_STREAM_NAME", "stream",
        "TZ", ":UTC");
  }

  /// Unpacked anew for each process: by itself the client unpacks to one fixed path, which parallel
  /// starts would overwrite under each other.
  private static Path nativeLibrary(Path directory) throws IOException {
    String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    String resource = "/jni/libaws-lambda-jni.linux-" + machine + ".so";
    Path file = directory.resolve("runtime-client.so");
    try (InputStream library = RuntimeProcess.class.getResourceAsStream(resource)) {
      if (library == null) {
        throw new IOException("The runtime interface client is not on the class path: " + resource);
      }
      Files.copy(library, file);
    }
    return file;
  }

  /// The jars that a build lays out in `lib`, as they lie in the Maven repository.
  public static List<Path> packagedJars() {
    return jars(PACKAGED).stream().map(Path::of).toList();
  }

  private static List<String> jars(List<String> directories) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> directories.stream().anyMatch(entry.replace('\\', '/')::contains))
        .toList();
  }

  private void readOutput() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (output) {
          output.add(line);
          output.notifyAll();
        }
      }
    } catch (IOException _) {
      // The process was ended while it wrote.
    } finally {
      synchronized (output) {
        outputEnded = true;
        output.notifyAll();
      }
    }
    // After its output, so that it can be told why.
    try {
      api.processEnded("status " + process.waitFor() + ", output " + output());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  public long pid() {
    return process.pid();
  }

  /// The [System#nanoTime()] at which the process was begun.
  public long startedAt() {
    return startedAt;
  }

  /// Sends one event and waits for the reply, which must come within the deadline that the function
  /// is told.
  ///
  /// @throws NoReply when it does not, or when the process ends
  public Reply invoke(byte[] event, Duration deadline) {
    return api.invoke(event.clone(), deadline, START_LIMIT);
  }

  /// The same for text.
  public Reply invoke(String event, Duration deadline) {
    return invoke(event.getBytes(StandardCharsets.UTF_8), deadline);
  }

  /// Why the function did not start; empty once it has.
  public Optional<FunctionError> initError() {
    return api.initError(START_LIMIT);
  }

  /// Waits until every hook before the checkpoint has run. Needs
  /// `AWS_LAMBDA_INITIALIZATION_TYPE=snap-start`.
  public void awaitCheckpoint() {
    api.awaitCheckpoint(START_LIMIT);
  }

  /// Lets the process go on from its checkpoint; empty once every hook after it has run.
  public Optional<FunctionError> restore() {
    return api.restore(START_LIMIT);
  }

  /// Invocations that the process has taken and not yet answered.
  public int inFlight() {
    return api.inFlight();
  }

  /// The remote ports of the TCP connections that the process has, its own to the Runtime API left
  /// out, and of the sockets that it has in any other state: zero for one that was never connected.
  public List<Integer> sockets() {
    return Sockets.remotePorts(process.pid()).stream().filter(port -> port != api.port()).toList();
  }

  /// What the process printed so far to its standard output and standard error.
  public List<String> output() {
    synchronized (output) {
      return List.copyOf(output);
    }
  }

  /// The first line like that, waited for where it has not been printed yet.
  public String awaitOutput(Predicate<String> like, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (output) {
      for (int next = 0; ; next++) {
        while (next == output.size()) {
          long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (outputEnded || left <= 0) {
            throw new NoReply("No such line in " + output);
          }
          waitForOutput(left);
        }
        if (like.test(output.get(next))) {
          return output.get(next);
        }
      }
    }
  }

  private void waitForOutput(long milliseconds) {
    try {
      output.wait(milliseconds);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NoReply("Interrupted while waiting for output.");
    }
  }

  /// The status that the process ended with by itself.
  public int awaitExit() {
    try {
      if (process.waitFor(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
      throw new NoReply("The process did not end by itself.");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NoReply("Interrupted while waiting for the process to end.");
    }
  }

  /// Ends this process, and no other.
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      reader.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    api.close();
    try (Stream<Path> files = Files.walk(scratch)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
