package dsql.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dsql.lambda.LocalFunction;
import dsql.local.EndOfInput;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.time.Duration;
import java.util.Map;

/// The function behind HTTP, against a local endpoint, for curl, with a console for a browser
/// beside it: prints where it listens, then a line for each request, until its standard input ends
/// or it is interrupted.
///
/// Input that has ended before it is up, as that of a script's background job, counts as none: then
/// only an interrupt ends it.
///
/// The argument is the port, 0 for any that is free.
public final class Serve {

  private static final Duration JOB_DELAY = Duration.ofSeconds(1);

  /// The template's.
  private static final Duration FUNCTION_TIMEOUT = Duration.ofSeconds(29);

  /// Requests come in parallel, where an environment of Lambda's gets one at a time.
  private static final Map<String, String> ENVIRONMENT = Map.of("POOL_MAX", "8");

  private Serve() {}

  /// Runs it; the process ends with status 2 when it cannot listen.
  public static void main(String[] args) throws IOException, InterruptedException {
    EndOfInput input = EndOfInput.watch();
    try (HttpFront front = bind(args[0]);
        LocalDsql dsql = LocalDsql.builder().jobDelay(JOB_DELAY).start();
        LocalFunction function = new LocalFunction(dsql, ENVIRONMENT, Journal.lines())) {
      input.up();
      serve(front, function, input);
    } catch (BindException e) {
      System.err.println(
          "Port "
              + args[0]
              + " of 127.0.0.1 is taken. End what holds it, or give another: mvn -q test-compile"
              + " exec:exec@serve -Dserve.port=3001");
      System.exit(2);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  /// Closes the front first: what it needs goes after it.
  private static void serve(HttpFront front, LocalFunction function, EndOfInput input)
      throws IOException, InterruptedException {
    Journal journal = new Journal();
    front.add(Console.PATH, new Console(front.port(), journal));
    PrintStream failures = new PrintStream(Journal.lines(System.err), true, UTF_8);
    front.serve(event -> function.invoke(event, FUNCTION_TIMEOUT, failures), journal);
    System.out.println(greeting(front));
    try {
      input.await();
    } finally {
      front.close();
    }
  }

  static String greeting(HttpFront front) {
    return """
    POST an action to %s (Ctrl+C ends it)
    For a browser: %s\
    """
        .formatted(front.uri(), front.uri().resolve(Console.PATH));
  }

  private static HttpFront bind(String port) throws IOException {
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException("A port is a number from 0 to 65535, not: " + port);
    }
    return HttpFront.bind(Integer.parseInt(port), System.out, System.err);
  }
}
