package dsql.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.postgresql.ssl.WrappedFactory;

/// Connections of tests to an endpoint, by pgjdbc.
public final class Endpoints {
  private Endpoints() {}

  /// The endpoint most tests share, started on first use and ended with the JVM.
  public static LocalDsql shared() {
    return Shared.DSQL;
  }

  /// As `admin`, verifying certificate and host name, starting TLS directly.
  public static Connection connect(LocalDsql dsql) throws SQLException {
    return connect(dsql, "admin", dsql.token("admin"), "direct");
  }

  /// As any user with any password; `negotiation` is `direct` or `postgres`.
  public static Connection connect(
      LocalDsql dsql, String user, String password, String negotiation, String... more)
      throws SQLException {
    Properties properties = new Properties();
    properties.put("user", user);
    properties.put("password", password);
    properties.put("sslmode", "verify-full");
    properties.put("sslNegotiation", negotiation);
    properties.put("sslfactory", TrustingFactory.class.getName());
    properties.put("sslfactoryarg", dsql.trustStore().toString());
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return DriverManager.getConnection(
        "jdbc:postgresql://" + dsql.endpoint() + "/postgres", properties);
  }

  /// Trusts what is in one trust store; its path is the argument.
  public static final class TrustingFactory extends WrappedFactory {
    public TrustingFactory(String trustStore) throws GeneralSecurityException, IOException {
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(Path.of(trustStore))) {
        store.load(in, "changeit".toCharArray());
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      SSLSocketFactory made = context.getSocketFactory();
      factory = made;
    }
  }

  private static final class Shared {
    static final LocalDsql DSQL = LocalDsql.builder().role("app", "myschema").start();
  }
}
