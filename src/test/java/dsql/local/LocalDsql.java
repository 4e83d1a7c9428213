package dsql.local;

import dsql.local.auth.Action;
import dsql.local.auth.Credentials;
import dsql.local.auth.Login;
import dsql.local.auth.TokenSigner;
import dsql.local.auth.TokenVerifier;
import dsql.local.fault.Faults;
import dsql.local.postgres.Postgres;
import dsql.local.session.Cluster;
import dsql.local.session.Listener;
import dsql.local.tls.ThrowawayAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;
import javax.sql.DataSource;

/// A local Aurora DSQL: TLS, IAM tokens and the service's dialect in front of PostgreSQL 16.
///
/// Starting takes about a second, so share one per JVM. Everything it makes (certificates, data,
/// processes, threads) is gone after [#close()], except PostgreSQL's unpacked binaries, which stay
/// in the temporary directory for the next run. Safe for concurrent use.
public final class LocalDsql implements AutoCloseable {
  private static final String LOCALHOST = "localhost";
  private static final Duration TOKEN_LIFE = Duration.ofMinutes(15);

  private final String host;
  private final List<InetAddress> addresses;
  private final String region;
  private final InstantSource clock;
  private final ThrowawayAuthority authority;
  private final Credentials credentials = newCredentials();
  private final TokenVerifier verifier;
  private final Postgres postgres;
  private final Cluster cluster;
  private volatile Listener listener;
  private final Deque<AutoCloseable> opened = new ConcurrentLinkedDeque<>();
  private final Thread atExit = Thread.ofPlatform().name("dsql-exit").unstarted(this::closeAll);

  private LocalDsql(Builder builder) throws IOException {
    host = builder.host;
    addresses = List.copyOf(builder.addresses);
    region = builder.region;
    clock = builder.clock;
    Path directory = Files.createTempDirectory("local-dsql-");
    opened.push(() -> delete(directory));
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      authority = new ThrowawayAuthority(directory, host, builder.keys, builder.certificate);
      verifier = new TokenVerifier(Set.copyOf(List.of(LOCALHOST, host)), region, clock);
      verifier.trust(credentials);
      postgres = Postgres.start(directory, builder.startValues);
      opened.push(postgres);
      if (builder.weighs) {
        weigh();
      }
      for (Map.Entry<String, String> role : builder.roles.entrySet()) {
        createRole(role.getKey(), role.getValue());
      }
      cluster =
          new Cluster(
              verifier,
              clock,
              new Cluster.Setting(
                  postgres.port(),
                  postgres.superuser(),
                  builder.requireSni,
                  builder.keyGroups,
                  builder.staleCatalogs,
                  builder.serviceCatalogs,
                  builder.jobDelay),
              authority::newServerContext);
      opened.push(cluster);
      listener = new Listener(cluster, builder.port, addresses);
      opened.push(listener);
    } catch (IOException | RuntimeException e) {
      try (this) {
        throw e;
      }
    }
  }

  /// An endpoint by the system clock, on any free port, in us-east-1.
  public static LocalDsql start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  public String host() {
    return host;
  }

  public int port() {
    return listener.port();
  }

  /// `host:port`.
  public String endpoint() {
    return host + ":" + port();
  }

  public String region() {
    return region;
  }

  /// Credentials made up at start; more can be trusted.
  public Credentials credentials() {
    return credentials;
  }

  /// Accepts tokens signed with these, too.
  public void trust(Credentials more) {
    verifier.trust(more);
  }

  /// Accepts no more tokens signed under this key; open sessions stay.
  public void revoke(String accessKeyId) {
    verifier.revoke(accessKeyId);
  }

  /// A password for a user, good for 900 s by this endpoint's clock.
  public String token(String user) {
    return TokenSigner.sign(
        credentials, host, region, Action.of(user), clock.instant(), TOKEN_LIFE);
  }

  /// A login role with a schema of its own, where it may do everything; nowhere else anything.
  public void createRole(String role, String schema) {
    String r = quote(role);
    String s = quote(schema);
    try {
      postgres.run(
          """
          SET ROLE admin;
          CREATE ROLE %1$s WITH LOGIN;
          CREATE SCHEMA %2$s;
          GRANT ALL ON SCHEMA %2$s TO %1$s;
          SELECT sys.map_role('%3$s', 'arn:aws:iam::123456789012:role/local', 'true')
          """
              .formatted(r, s, role.replace("'", "''")));
    } catch (SQLException e) {
      throw new IllegalArgumentException("cannot create role " + role, e);
    }
  }

  private void weigh() throws IOException {
    try {
      postgres.run("ALTER EVENT TRIGGER weigh ENABLE");
    } catch (SQLException e) {
      throw new IOException("cannot have rows weighed", e);
    }
  }

  /// The certificate authority, as PEM.
  public Path caFile() {
    return authority.caFile();
  }

  /// The certificate authority, as a PKCS12 trust store for `-Djavax.net.ssl.trustStore`.
  public Path trustStore() {
    return authority.trustStore();
  }

  public String trustStorePassword() {
    return authority.trustStorePassword();
  }

  /// What [#trustStore()] holds.
  public KeyStore trusted() throws GeneralSecurityException, IOException {
    return KeyStore.getInstance(trustStore().toFile(), trustStorePassword().toCharArray());
  }

  /// What can be made to go wrong.
  public Faults faults() {
    return cluster.faults();
  }

  /// Straight to the PostgreSQL behind, past every rule, for a test's own eyes.
  public DataSource superuser() {
    return postgres.superuser();
  }

  /// Changes the catalog as somebody else's session would, in one go and untouched by the faults
  /// that are ordered: every session's catalog is stale then.
  ///
  /// @param sql statements of PostgreSQL, past every rule
  public void change(String sql) throws SQLException {
    cluster.change(sql);
  }

  /// Every attempt to log in so far, accepted or refused.
  public List<Login> logins() {
    return cluster.logins();
  }

  /// Connections that were accepted so far, whether or not a handshake or a login came of them.
  public int arrivals() {
    return cluster.arrivals();
  }

  public int openSessions() {
    return cluster.openSessions();
  }

  /// Ends every session and stops listening, then listens on the same port again with a new
  /// certificate, as after a restart.
  public synchronized void restart() {
    int port = listener.port();
    listener.close();
    opened.remove(listener);
    faults().rotateCertificate();
    try {
      listener = new Listener(cluster, port, addresses);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    opened.push(listener);
  }

  /// Ends sessions, PostgreSQL and threads, and deletes the files. The end of the JVM does so, too.
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending and the hook is at it; what is left to do is to wait for it.
      System.getLogger(LocalDsql.class.getName()).log(System.Logger.Level.TRACE, "at exit", e);
    }
    closeAll();
  }

  // In the opposite order; a failure does not keep the rest open.
  private synchronized void closeAll() {
    IllegalStateException failure = null;
    for (AutoCloseable next = opened.poll(); next != null; next = opened.poll()) {
      try {
        next.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("cannot close the endpoint");
        }
        failure.addSuppressed(e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static Credentials newCredentials() {
    byte[] bytes = new byte[90];
    new SecureRandom().nextBytes(bytes);
    String text = Base64.getEncoder().encodeToString(bytes);
    String letters = text.replaceAll("[^A-Za-z0-9]", "X").toUpperCase(Locale.ROOT);
    return new Credentials(
        "ASIA" + letters.substring(0, 16), text.substring(16, 56), text.substring(56));
  }

  /// How an endpoint is to start.
  public static final class Builder {
    private InstantSource clock = InstantSource.system();
    private String host = LOCALHOST;
    private List<InetAddress> addresses = List.of(InetAddress.getLoopbackAddress());
    private String region = "us-east-1";
    private int port;
    private boolean requireSni;
    private List<String> keyGroups = List.of();
    private ThrowawayAuthority.Keys keys = ThrowawayAuthority.Keys.ELLIPTIC;
    private ThrowawayAuthority.Fault certificate = ThrowawayAuthority.Fault.NONE;
    private final Map<String, String> startValues = new LinkedHashMap<>();
    private boolean staleCatalogs = true;
    private boolean weighs;
    private boolean serviceCatalogs = true;
    private Duration jobDelay = Duration.ZERO;
    private final Map<String, String> roles = new LinkedHashMap<>();

    private Builder() {}

    /// The clock of tokens, transactions and connections; TLS goes by the real one.
    public Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    public Builder region(String value) {
      region = value;
      return this;
    }

    /// The name that clients reach it by, which its certificate and its tokens name; both name
    /// `localhost`, the default, besides.
    public Builder host(String value) {
      host = value;
      return this;
    }

    /// The addresses to listen on; by default the loopback address alone.
    public Builder addresses(List<InetAddress> values) {
      addresses = values;
      return this;
    }

    /// The port to listen on; 0, the default, takes any free one.
    public Builder port(int value) {
      port = value;
      return this;
    }

    /// A login role with a schema of its own, present from the start.
    public Builder role(String name, String schema) {
      roles.put(name, schema);
      return this;
    }

    /// Refuses clients that send no server name, as the service does. Off by default: libpq sends
    /// none for an address such as `127.0.0.1`, and the JDK none for a name without a dot.
    public Builder requireSni(boolean value) {
      requireSni = value;
      return this;
    }

    /// Certificates of RSA keys, as Amazon's are. Off by default: they take longer to make.
    public Builder rsa() {
      keys = ThrowawayAuthority.Keys.RSA;
      return this;
    }

    /// What is wrong with the server's certificates; nothing by default.
    public Builder certificate(ThrowawayAuthority.Fault value) {
      certificate = value;
      return this;
    }

    /// A setting as every session finds it, such as `bytea_output` of `escape`, which no client can
    /// change, or `intervalstyle`, which one can.
    public Builder startValue(String name, String value) {
      startValues.put(name, value);
      return this;
    }

    /// The groups that TLS agrees on a key by, such as `secp256r1`; by default those of this JVM.
    public Builder keyGroups(String... names) {
      keyGroups = List.of(names);
      return this;
    }

    /// After a change of the catalog, fails the next statement of every other session, as the
    /// service does: reads and the first statement of a transaction too. On by default; off, only
    /// transactions fail that were open then.
    public Builder staleCatalogs(boolean value) {
      staleCatalogs = value;
      return this;
    }

    /// Answers questions about the catalog as the service does. On by default; off, PostgreSQL's
    /// own answers come in less time.
    public Builder serviceCatalogs(boolean value) {
      serviceCatalogs = value;
      return this;
    }

    /// Refuses rows of more than 2 MiB and keys of more than 1,981 bytes, in tables made from then
    /// on. Off by default, for it takes time at each row.
    public Builder weighs(boolean value) {
      weighs = value;
      return this;
    }

    /// How long, in real time, an asynchronous job is `submitted` before it is `completed` and its
    /// index valid. None by default.
    public Builder jobDelay(Duration value) {
      jobDelay = value;
      return this;
    }

    public LocalDsql start() {
      try {
        return new LocalDsql(this);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
