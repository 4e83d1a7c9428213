package dsql.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The endpoint as a program of its own.
@Tag("slow")
class MainTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void servesUntilToldToEnd(boolean byInput, @TempDir Path directory)
      throws IOException, InterruptedException, SQLException {
    Path file = directory.resolve("endpoint.json");
    Process process = start("-Ddsql.file=" + file);
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String line = described(output);
      assertEquals(line + "\n", Files.readString(file));
      assertEquals("localhost", field(line, "host"));
      connect(line).close();

      Path caFile = Path.of(field(line, "caFile"));
      assertTrue(caFile.isAbsolute() && Files.exists(caFile), () -> caFile + "");
      if (byInput) {
        process.getOutputStream().close();
      } else {
        process.toHandle().destroy();
      }
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(null, output.readLine(), "one line and no more");
      assertFalse(Files.exists(caFile.getParent()));
    } finally {
      process.destroyForcibly();
    }
  }

  /// As containers see it; `sam.bind` keeps it to the loopback address here.
  @Test
  void servesContainers()
      throws IOException, InterruptedException, SQLException, GeneralSecurityException {
    Process process = start("-Dsam=true", "-Dsam.bind=127.0.0.1");
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String line = described(output);
      assertEquals("host.docker.internal", field(line, "host"));
      assertTrue(field(line, "token").startsWith("host.docker.internal/?"), line);
      int port = Integer.parseInt(field(line, "port"));
      SSLSocketFactory trusting = new Endpoints.TrustingFactory(field(line, "trustStore"));
      for (String name : List.of("host.docker.internal", "localhost")) {
        assertEquals("postgresql", handshake(trusting, name, port));
      }
      assertThrows(SSLException.class, () -> handshake(trusting, "elsewhere.internal", port));
      // The name is the container's, so this connection says another; the token is the same.
      connect(line.replace("\"host\":\"host.docker.internal\"", "\"host\":\"localhost\"")).close();

      String told = output.readLine() + output.readLine();
      assertTrue(told.contains("It listens on 127.0.0.1,"), told);
      Path sam = Path.of("target", "sam-local");
      JsonObject variables =
          new Gson()
              .fromJson(Files.readString(sam.resolve("env.json")), JsonObject.class)
              .getAsJsonObject("Function");
      assertEquals("host.docker.internal:" + port, variables.get("CLUSTER_ENDPOINT").getAsString());
      String template = Files.readString(sam.resolve("template.yaml"));
      for (String name : variables.keySet()) {
        assertTrue(template.contains("\n          " + name + ": "), name);
      }
      Path store = sam.resolve("function/endpoint-trust.p12");
      assertEquals(-1, Files.mismatch(store, Path.of(field(line, "trustStore"))));
      assertRefused("another endpoint for containers serves from target/sam-local", "-Dsam=true");
      process.getOutputStream().close();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aFaultyPropertyIsNamedWithItsValue() throws IOException, InterruptedException {
    assertRefused("sam is true or false, not 'yes'", "-Dsam=yes");
    assertRefused("sam.bind is for containers: give -Dsam=true", "-Dsam.bind=127.0.0.1");
    for (String address : List.of("192.0.2.1", "no such name")) {
      assertRefused(
          "sam.bind is an address of this machine, not '" + address + "'",
          "-Dsam=true",
          "-Dsam.bind=" + address);
    }
    assertRefused(
        "dsql.file is in no directory that exists: /nowhere/at-all/x.json",
        "-Ddsql.file=/nowhere/at-all/x.json");
  }

  private static void assertRefused(String told, String... properties)
      throws IOException, InterruptedException {
    Process process = builder(properties).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(output.startsWith("The endpoint cannot start: " + told), output);
    assertEquals(1, output.lines().count(), output);
    assertEquals(1, process.waitFor());
  }

  private static Process start(String... properties) throws IOException {
    return builder(properties).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static ProcessBuilder builder(String... properties) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(properties));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return new ProcessBuilder(command);
  }

  /// On a line of its own, whatever Maven has printed before it.
  private static String described(BufferedReader output) throws IOException {
    assertEquals("", output.readLine());
    String line = output.readLine();
    assertNotNull(line);
    return line;
  }

  /// @return the protocol that was agreed on
  private static String handshake(SSLSocketFactory trusting, String name, int port)
      throws IOException {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket = (SSLSocket) trusting.createSocket(plain, name, port, true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setApplicationProtocols(new String[] {"postgresql"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket.getApplicationProtocol();
    }
  }

  private static Connection connect(String line) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", field(line, "user"));
    properties.put("password", field(line, "token"));
    properties.put("sslmode", "verify-full");
    properties.put("sslrootcert", field(line, "caFile"));
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%s/%s"
            .formatted(field(line, "host"), field(line, "port"), field(line, "database")),
        properties);
  }

  // No value in it needs an escape.
  private static String field(String line, String name) {
    Matcher matcher = Pattern.compile('"' + name + "\":\"?([^\",]*)").matcher(line);
    assertTrue(matcher.find(), () -> name + " in " + line);
    return matcher.group(1);
  }
}
