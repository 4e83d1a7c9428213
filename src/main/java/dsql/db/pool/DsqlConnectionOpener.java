package dsql.db.pool;

import dsql.db.fault.SqlFailure;
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

  /// How the server is to write intervals and floating-point numbers, whatever it does by itself:
  /// in ISO 8601, and with the fewest digits that read back exactly. The driver asks for dates in
  /// ISO 8601 and for UTC. What else a text's form depends on, bytea_output, no session may set.
  private static final String SETTINGS = "-c intervalstyle=iso_8601 -c extra_float_digits=1";

  /// A client could not connect.
  private static final String UNABLE_TO_CONNECT = "08001";

  /// A server refused a login.
  private static final String LOGIN_REFUSED = "28000";

  private final Driver driver = new Driver();
  private final Errand<InetAddress[]> lookup;
  private final int port;
  private final String url;
  private final String user;
  private final Duration connectTimeout;
  private final TokenSource tokens;

  /// Until a server has refused it and taken another.
  private volatile boolean narrow = true;

  /// Until a server has refused them and let the user in without.
  private volatile boolean settings = true;

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
    return open(deadline, new Manner(narrow, settings), null);
  }

  /// How a connection is opened.
  ///
  /// @param narrow whether one group alone is offered for agreeing on a key
  /// @param settings whether the session's settings are asked for
  private record Manner(boolean narrow, boolean settings) {}

  /// Opens it in that manner or, where the server refuses something of it, without that.
  ///
  /// @param earlier the refusals so far
  private Connection open(Deadline deadline, Manner manner, @Nullable SQLException earlier)
      throws SQLException {
    try {
      Connection connection = openOnce(deadline, manner);
      // Only now is it known that the refusals were for these.
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
      // Of a login that says nothing of the request whose connection this would be.
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

  /// Whether the server ended the handshake by an alert, which has no cause. A failure that is
  /// found here, as in the certificate, has one, and so has a lost connection. Servers differ in
  /// which alert they send where they know none of the groups.
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
      throw new SQLException("The name was not looked up in time.", UNABLE_TO_CONNECT, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new SQLException("The name was not found.", UNABLE_TO_CONNECT, e.getCause());
    }
  }

  private Connection connect(String token, Manner manner, Deadline limit, InetAddress[] addresses)
      throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, user);
    PGProperty.PASSWORD.set(properties, token);
    PGProperty.SSL_MODE.set(properties, "verify-full");
    // Saves the round trip of asking for TLS.
    PGProperty.SSL_NEGOTIATION.set(properties, "direct");
    // Trusts what the JVM trusts; the driver's own default would look for ~/.postgresql/root.crt.
    PGProperty.SSL_FACTORY.set(properties, TlsFactory.class.getName());
    PGProperty.SSL_FACTORY_ARG.set(properties, manner.narrow() ? Tls.GROUP : null);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.APPLICATION_NAME.set(properties, "dsql-lambda");
    // Puts the application name into the startup packet, which saves a round trip.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "16");
    if (manner.settings()) {
      PGProperty.OPTIONS.set(properties, SETTINGS);
    }
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
