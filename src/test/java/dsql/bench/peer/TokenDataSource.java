package dsql.bench.peer;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;

/// Connections by pgjdbc, each with a token of its own, TLS verified in full.
final class TokenDataSource implements DataSource {

  private final String host;
  private final String url;
  private final DsqlUtilities utilities;

  TokenDataSource(Map<String, String> environment) {
    String endpoint = environment.getOrDefault("CLUSTER_ENDPOINT", "");
    host = endpoint.split(":", 2)[0];
    url = "jdbc:postgresql://" + endpoint + "/postgres";
    utilities =
        DsqlUtilities.builder()
            .region(Region.of(environment.getOrDefault("AWS_REGION", "us-east-1")))
            .credentialsProvider(DefaultCredentialsProvider.builder().build())
            .build();
  }

  @Override
  public Connection getConnection() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "admin");
    properties.setProperty(
        "password", utilities.generateDbConnectAdminAuthToken(b -> b.hostname(host)));
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    properties.setProperty("ApplicationName", "usual");
    return DriverManager.getConnection(url, properties);
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {
    // Has none.
  }

  @Override
  public void setLoginTimeout(int seconds) {
    // The pool sets it; the driver's own default is as good here.
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
