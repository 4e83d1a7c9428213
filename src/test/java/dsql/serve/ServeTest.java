package dsql.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The front as a program of its own.
@Tag("slow")
class ServeTest {

  /// PostgreSQL's, unpacked once and kept.
  private static final String BINARIES = "local-dsql-postgres";

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void servesUntilToldToEnd(boolean byInput, @TempDir Path directory) throws Exception {
    Process process = start("0", directory);
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String greeting = String.valueOf(output.readLine());
      Matcher uri = Pattern.compile("http://127.0.0.1:\\d+/").matcher(greeting);
      assertTrue(uri.find(), greeting);
      assertEquals(
          "For a browser: " + uri.group() + "_console/", String.valueOf(output.readLine()));
      assertEquals(
          200, Http.send("GET", URI.create(uri.group() + "_console/"), new byte[0]).status());
      String query = "{\"action\":\"query\",\"table\":\"nowhere\"}";
      String body = Http.post(URI.create(uri.group()), query).body();
      assertTrue(body.contains("table_not_found"), body);
      String line = String.valueOf(output.readLine());
      assertTrue(line.matches("POST / 404 \\d+ ms " + body.length() + " bytes"), line);
      if (byInput) {
        process.getOutputStream().close();
      } else {
        process.toHandle().destroy();
      }
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(byInput ? 0 : 143, process.exitValue());
      try (Stream<Path> left = Files.list(directory)) {
        assertEquals(
            List.of(),
            left.map(file -> file.getFileName().toString())
                .filter(name -> name.startsWith("local-dsql-") && !name.equals(BINARIES))
                .toList());
      }
      assertThrows(
          ConnectException.class,
          () -> new Socket(LOOPBACK, URI.create(uri.group()).getPort()).close());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aPortThatIsTakenIsToldWithTheRemedy(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(LOOPBACK, 0));
      String port = Integer.toString(taken.getLocalPort());
      String error = error(port, directory);
      assertTrue(error.startsWith("Port " + port + " of 127.0.0.1 is taken."), error);
      assertTrue(error.contains("-Dserve.port="), error);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "65536", "-1", ""})
  void whatIsNoPortIsToldSo(String port, @TempDir Path directory) throws Exception {
    assertEquals(
        ("A port is a number from 0 to 65535, not: " + port).strip(),
        error(port, directory).strip());
  }

  /// All that a process that cannot listen prints.
  private static String error(String port, Path directory)
      throws IOException, InterruptedException {
    Process process = start(port, directory);
    try {
      process.getOutputStream().close();
      String error = new String(process.getErrorStream().readAllBytes(), UTF_8);
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(2, process.exitValue(), error);
      assertEquals(0, process.getInputStream().readAllBytes().length);
      return error;
    } finally {
      process.destroyForcibly();
    }
  }

  /// @param directory gets what the process leaves behind
  private static Process start(String port, Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + directory,
            "-cp",
            System.getProperty("java.class.path"),
            Serve.class.getName(),
            port)
        .start();
  }
}
