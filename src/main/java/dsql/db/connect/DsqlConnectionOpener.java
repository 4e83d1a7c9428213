package dsql.db.connect;

import dsql.db.fault.SqlFailure;
import dsql.db.pool.ConnectionOpener;
import dsql.db.pool.Deadline;
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

/// Opens connections to a DSQL cluster: with TLS from the first byte, a verified server certificate
/// and name, and a fresh token as the password. Safe for concurrent use.
public final class DsqlConnectionOpener implements ConnectionOpener {

  /// The only database of a cluster.
  private static final String DATABASE = "postgres";

  private static final TimeZone UTC = TimeZone.getTimeZone("UTC");

  /// Makes the server write intervals in ISO 8601, and floating-point numbers with the fewest
  /// digits that read back exactly, whatever its defaults are. The driver itself requests ISO 8601
  /// dates and UTC. The text form also depends on bytea_output, which DSQL lets no session set.
  private static final String SETTINGS = "-c intervalstyle=iso_8601 -c extra_float_digits=1";

  /// The SQLSTATE of a client that could not connect.
  private static final String UNABLE_TO_CONNECT = "08001";

  /// The SQLSTATE of a refused login.
  private static final String LOGIN_REFUSED = "28000";

  private final Driver driver = new Driver();
  private final Errand<InetAddress[]> lookup;
  private final int port;
  private final String url;
  private final String user;
  private final Duration connectTimeout;
  private final TokenSource tokens;

  /// Whether to offer one TLS group only; false once a server has refused it and accepted the
  /// others.
  private volatile boolean narrow = true;

  /// Whether to request [#SETTINGS]; false once a server has refused them and accepted a login
  /// without.
  private volatile boolean settings = true;

  /// Opens no connection yet, but starts a thread that loads the classes for the first one.
  ///
  /// @param connectTimeout limit on the time from the look-up of the name to the end of the login
  public DsqlConnectionOpener(
      String host, int port, String user, Duration connectTimeout, TokenSource tokens) {
    this(host, port, user, connectTimeout, tokens, new Lookup(host));
  }

  /// As above, with an injected look-up of the host's addresses.
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

  /// Looks the host up by the JVM, which caches the result for half a minute.
  private record Lookup(String host) implements Callable<InetAddress[]> {
    @Override
    public InetAddress[] call() throws UnknownHostException {
      return InetAddress.getAllByName(host);
    }
  }

  @Override
  public Connection open(Deadline deadline) throws SQLException {
    return open(deadline, new Manner(narrow, settings), null);
  }

  /// How a connection is opened; see the fields of the same names.
  private record Manner(boolean narrow, boolean settings) {}

  /// Opens a connection in that manner or, if the server refuses a part of it, without that part.
  ///
  /// @param earlier the refusals so far
  private Connection open(Deadline deadline, Manner manner, @Nullable SQLException earlier)
      throws SQLException {
    try {
      Connection connection = openOnce(deadline, manner);
      // Only a success shows that these were the reason for the refusals.
      if (!manner.narrow()) {
        narrow = false;
      }
      if (!manner.settings()) {
        settings = false;
      }
      return connection;
    } catch (SQLException e) {
      addTo(e, earlier);
      if (manner.narrow() && isHandshakeRefused(e)) {
        return open(deadline, new Manner(false, manner.settings()), e);
      }
      if (!SqlFailure.refusesSettings(e)) {
        throw e;
      }
      if (manner.settings()) {
        return open(deadline, new Manner(manner.narrow(), false), e);
      }
      // A refusal with another SQLSTATE would be taken for a fault of the request.
      throw new SQLException("The server refused the login.", LOGIN_REFUSED, e);
    } catch (RuntimeException e) {
      addTo(e, earlier);
      throw e;
    }
  }

  private static void addTo(Exception failure, @Nullable SQLException earlier) {
    if (earlier != null) {
      failure.addSuppressed(earlier);
    }
  }

  /// Whether the server ended the handshake with an alert. Such an exception has no cause, while a
  /// failure on this side, as with the certificate, and a lost connection have one. Which alert a
  /// server sends if it supports none of the groups differs from server to server.
  private static boolean isHandshakeRefused(SQLException failure) {
    return failure.getCause() instanceof SSLException alert && alert.getCause() == null;
  }

  private Connection openOnce(Deadline deadline, Manner manner) throws SQLException {
    Errand.Pending<InetAddress[]> addresses = lookup.begin();
    String token = tokens.token(deadline);
    Deadline limit = deadline.within(connectTimeout);
    return connect(token, manner, limit, await(addresses, limit));
  }

  private static InetAddress[] await(Errand.Pending<InetAddress[]> addresses, Deadline limit)
      throws SQLException {
    try {
      return addresses.await(limit.remaining());
    } catch (TimeoutException e) {
      throw new SQLException("The host name was not resolved in time.", UNABLE_TO_CONNECT, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new SQLException(
          "The host name could not be resolved.", UNABLE_TO_CONNECT, e.getCause());
    }
  }

  private Connection connect(String token, Manner manner, Deadline limit, InetAddress[] addresses)
      throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, user);
    PGProperty.PASSWORD.set(properties, token);
    PGProperty.SSL_MODE.set(properties, "verify-full");
    // Saves the round trip that negotiates TLS.
    PGProperty.SSL_NEGOTIATION.set(properties, "direct");
    // Trusts what the JVM trusts; by default the driver would look for ~/.postgresql/root.crt.
    PGProperty.SSL_FACTORY.set(properties, NamedGroupTlsFactory.class.getName());
    PGProperty.SSL_FACTORY_ARG.set(properties, manner.narrow() ? Tls.GROUP : null);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.APPLICATION_NAME.set(properties, "dsql-lambda");
    // Puts the application name into the startup packet, which saves a round trip.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "16");
    if (manner.settings()) {
      PGProperty.OPTIONS.set(properties, SETTINGS);
    }
    // RowEncoder passes on the server's text. Only UUIDs are worth reading in binary: they are less
    // than half as long, and easy to turn into text.
    PGProperty.BINARY_TRANSFER.set(properties, false);
    PGProperty.BINARY_TRANSFER_ENABLE.set(properties, "UUID");
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    // The driver's own limits, 10 and 5 s, start again with the TLS handshake and would extend the
    // socket's deadline.
    PGProperty.CONNECT_TIMEOUT.set(properties, 0);
    PGProperty.SSL_RESPONSE_TIMEOUT.set(properties, 0);
    PGProperty.SOCKET_FACTORY.set(properties, DeadlineSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(
        properties, DeadlineSocketFactory.attempt(limit.remaining(), port, addresses));
    // The driver sends the JVM's time zone to the server, where `now()` as a timestamp would depend
    // on it.
    TimeZone.setDefault(UTC);
    Connection connection = driver.connect(url, properties);
    if (connection == null) {
      throw new IllegalStateException("The driver does not accept " + url);
    }
    return connection;
  }
}
