package dsql.local.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;

/// The PostgreSQL 16 the endpoint stands before: C collation, UTF-8, UTC, repeatable read.
///
/// It listens on a loopback port and trusts whoever reaches it, so this is no place for secrets.
public final class Postgres implements AutoCloseable {
  private final EmbeddedPostgres server;

  private Postgres(EmbeddedPostgres server) {
    this.server = server;
  }

  /// Starts a server on a fresh data directory and gives it the service's catalogs.
  ///
  /// @param startValues settings as every session finds them
  public static Postgres start(Path directory, Map<String, String> startValues) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory.resolve("data"))
            .setOverrideWorkingDirectory(cache().toFile())
            .setLocaleConfig("locale", "C")
            .setLocaleConfig("encoding", "UTF-8")
            .setServerConfig("timezone", "UTC")
            .setServerConfig("max_connections", "400")
            .setServerConfig("max_prepared_transactions", "0")
            .setServerConfig("fsync", "off")
            .setServerConfig("full_page_writes", "off")
            .setServerConfig("synchronous_commit", "off")
            .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
            .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
            .setRegisterShutdownHook(false);
    startValues.forEach(builder::setServerConfig);
    EmbeddedPostgres server = builder.start();
    Postgres postgres = new Postgres(server);
    try {
      postgres.run(resource("catalog.sql"));
      return postgres;
    } catch (SQLException e) {
      server.close();
      throw new IOException("cannot set up the catalogs", e);
    }
  }

  public int port() {
    return server.getPort();
  }

  /// Connections as the superuser, each opened anew.
  public DataSource superuser() {
    return server.getPostgresDatabase();
  }

  /// Runs statements as the superuser.
  public void run(String sql) throws SQLException {
    try (Connection connection = superuser().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Unpacked binaries are kept here from one run to the next.
  private static Path cache() throws IOException {
    return Files.createDirectories(
        Path.of(System.getProperty("java.io.tmpdir"), "local-dsql-postgres"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Postgres.class.getResourceAsStream("/dsql/local/" + name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
