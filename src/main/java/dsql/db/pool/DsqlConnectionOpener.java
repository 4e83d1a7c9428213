package dsql.db.pool;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/// Opens connections to a DSQL cluster: TLS from the first byte, the server's certificate and name
/// verified, a fresh token as the password. Safe for concurrent use.
public final class DsqlConnectionOpener implements ConnectionOpener {

  /// The only database of a cluster.
  private static final String DATABASE = "postgres";

  private static final TimeZone UTC = TimeZone.getTimeZone("UTC");

  /// A client could not connect.
  private static final String UNABLE_TO_CONNECT = "08001";

  private final Driver driver = new Driver();
  private final Errand<InetAddress[]> lookup;
  private final int port;
  private final String url;
  private final String user;
  private final Duration connectTimeout;
  private final TokenSource tokens;

  /// Until a server has refused it and taken another.
  private volatile boolean narrow = true;

  /// Connects nothing yet, but has a thread load what connecting will need.
  ///
  /// @param connectTimeout from the look-up of the name to the end of the log-in, at most
  public DsqlConnectionOpener(
      String host, int port, String user, Duration connectTimeout, TokenSource tokens) {
    this(host, port, user, connectTimeout, tokens, new Lookup(host));
  }

  /// The same, which finds the host's addresses in the way that is given.
  DsqlConnectionOpener(
      String host,
      int port,
      String user,
      Duration connectTimeout,
      TokenSource tokens,
      Callable<InetAddress[]> lookup) {
    this.lookup = new Errand<>("dsql-lookup", lookup);
    this.port = port;
    this.url = "jdbc:postgresql://" + host + ':' + port + '/' + DATABASE;
    this.user = user;
    this.connectTimeout = connectTimeout;
    this.tokens = tokens;
    Preload.start();
  }

  /// Asks the JVM, which keeps what it was told for half a minute.
  private record Lookup(String host) implements Callable<InetAddress[]> {
    @Override
    public InetAddress[] call() throws UnknownHostException {
      return InetAddress.getAllByName(host);
    }
  }

  @Override
  public Connection open(Deadline deadline) throws SQLException {
    if (!narrow) {
      return open(deadline, null);
    }
    try {
      return open(deadline, Tls.GROUP);
    } catch (SQLException e) {
      if (!isHandshakeRefused(e)) {
        throw e;
      }
      Connection connection;
      try {
        connection = open(deadline, null);
      } catch (SQLException | RuntimeException again) {
        again.addSuppressed(e);
        throw again;
      }
      narrow = false;
      return connection;
    }
  }

  /// Whether the server ended the handshake by an alert, which has no cause. A failure that is
  /// found here, as in the certificate, has one, and so has a lost connection. Servers differ in
  /// which alert they send where they know none of the groups.
  private static boolean isHandshakeRefused(SQLException failure) {
    return failure.getCause() instanceof SSLException alert && alert.getCause() == null;
  }

  /// @param group the only one to offer for agreeing on a key; null for the JVM's choice
  private Connection open(Deadline deadline, @Nullable String group) throws SQLException {
    Errand.Pending<InetAddress[]> addresses = lookup.begin();
    String token = tokens.token(deadline);
    Deadline limit = deadline.within(connectTimeout);
    return connect(token, group, limit, await(addresses, limit));
  }

  private static InetAddress[] await(Errand.Pending<InetAddress[]> addresses, Deadline limit)
      throws SQLException {
    try {
      return addresses.await(limit.remaining());
    } catch (TimeoutException e) {
      throw new SQLException("The name was not looked up in time.", UNABLE_TO_CONNECT, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new SQLException("The name was not found.", UNABLE_TO_CONNECT, e.getCause());
    }
  }

  private Connection connect(
      String token, @Nullable String group, Deadline limit, InetAddress[] addresses)
      throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, user);
    PGProperty.PASSWORD.set(properties, token);
    PGProperty.SSL_MODE.set(properties, "verify-full");
    // Saves the round trip of asking for TLS.
    PGProperty.SSL_NEGOTIATION.set(properties, "direct");
    // Trusts what the JVM trusts; the driver's own default would look for ~/.postgresql/root.crt.
    PGProperty.SSL_FACTORY.set(properties, TlsFactory.class.getName());
    PGProperty.SSL_FACTORY_ARG.set(properties, group);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.APPLICATION_NAME.set(properties, "dsql-lambda");
    // Puts the application name into the startup packet, which saves a round trip.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "16");
    // RowReader hands on the server's text; only a UUID is less than half as long in binary, and
    // easily made text.
    PGProperty.BINARY_TRANSFER.set(properties, false);
    PGProperty.BINARY_TRANSFER_ENABLE.set(properties, "UUID");
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    // The driver's own limits, of 10 and 5 s, begin anew with the TLS handshake and would put off
    // the socket's deadline.
    PGProperty.CONNECT_TIMEOUT.set(properties, 0);
    PGProperty.SSL_RESPONSE_TIMEOUT.set(properties, 0);
    PGProperty.SOCKET_FACTORY.set(properties, DeadlineSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(
        properties, DeadlineSocketFactory.attempt(limit.remaining(), port, addresses));
    // The driver tells the server this JVM's zone, which `now()` as a timestamp would follow.
    TimeZone.setDefault(UTC);
    Connection connection = driver.connect(url, properties);
    if (connection == null) {
      throw new IllegalStateException("The driver does not take " + url);
    }
    return connection;
  }
}
