package dsql.local.session;

import dsql.local.auth.Login;
import dsql.local.auth.TokenVerifier;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/// What all sessions of one endpoint share. Safe for concurrent use.
public final class Cluster {
  static final String DATABASE = "postgres";

  final TokenVerifier verifier;
  final InstantSource clock;
  final int postgresPort;
  final boolean requireSni;
  final List<Login> logins = new CopyOnWriteArrayList<>();
  final Set<Session> sessions = ConcurrentHashMap.newKeySet();

  private final Supplier<SSLContext> newContext;
  private volatile SSLContext context;

  public Cluster(
      TokenVerifier verifier,
      InstantSource clock,
      int postgresPort,
      boolean requireSni,
      Supplier<SSLContext> newContext) {
    this.verifier = verifier;
    this.clock = clock;
    this.postgresPort = postgresPort;
    this.requireSni = requireSni;
    this.newContext = newContext;
    this.context = newContext.get();
  }

  SSLContext context() {
    return context;
  }

  /// From now on connections meet another certificate of the same authority.
  public void rotateCertificate() {
    context = newContext.get();
  }

  public List<Login> logins() {
    return List.copyOf(logins);
  }

  public int openSessions() {
    return sessions.size();
  }
}
