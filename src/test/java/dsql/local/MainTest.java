package dsql.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The endpoint as a program of its own.
class MainTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void servesUntilToldToEnd(boolean byInput)
      throws IOException, InterruptedException, SQLException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String line = output.readLine();
      assertNotNull(line);
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
