package dsql.local.session;

import dsql.local.auth.Login;
import dsql.local.auth.TokenVerifier.Accepted;
import dsql.local.auth.TokenVerifier.Denied;
import dsql.local.auth.TokenVerifier.Verdict;
import dsql.local.fault.Rejection;
import dsql.local.sql.Dialect;
import dsql.local.wire.Message;
import dsql.local.wire.ProtocolException;
import dsql.local.wire.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks for the password and decides whether the client comes in.
final class Authenticator {
  private static final int CLEARTEXT_PASSWORD = 3;
  private static final String IDENTITY = "arn:aws:sts::123456789012:assumed-role/local/dsql";

  /// What a startup packet holds besides settings.
  private static final Set<String> STARTUP = Set.of("user", "database", "options");

  private Authenticator() {}

  /// Null lets the client in; every attempt is remembered.
  static @Nullable Refusal check(Cluster cluster, StartupRequest request) throws IOException {
    Rejection rejection = cluster.faults.nextConnection(cluster.openSessions());
    if (rejection != null) {
      remember(cluster, request, "", rejection.name());
      return rejection.refusal();
    }
    if (cluster.requireSni && request.sniHost().isEmpty()) {
      remember(cluster, request, "", "sni was not received");
      return Refusal.fatal("08006", "unable to accept connection, sni was not received");
    }
    request.channel().write(Message.of('R').int32(CLEARTEXT_PASSWORD).end()).flush();
    Message password = request.channel().read();
    if (password.type() != 'p') {
      throw new ProtocolException("expected password response");
    }
    Verdict verdict = cluster.verifier.verify(request.user(), password.read().string());
    if (verdict instanceof Accepted(String key) && cluster.faults.expiresToken()) {
      verdict = new Denied(key, "Signature expired: by order");
    }
    return switch (verdict) {
      case Denied(String key, String hint) -> {
        remember(cluster, request, key, hint);
        yield Refusal.fatal("08006", "unable to accept connection, access denied").withHint(hint);
      }
      case Accepted(String key) -> {
        remember(cluster, request, key, Login.ACCEPTED);
        yield entry(cluster, request);
      }
    };
  }

  // What can still be wrong once the token is right.
  private static @Nullable Refusal entry(Cluster cluster, StartupRequest request) {
    if (!request.database().equals(Cluster.DATABASE)) {
      return Refusal.fatal("3D000", "database \"" + request.database() + "\" does not exist");
    }
    if (!request.user().equals("admin") && !cluster.observer.isMapped(request.user())) {
      return Refusal.fatal("08006", "unable to accept connection, access denied")
          .withHint("User: " + IDENTITY + " is not authorized to access this resource");
    }
    List<String> settings = new ArrayList<>(request.parameters().keySet());
    settings.addAll(settingsIn(request.parameters().getOrDefault("options", "")));
    for (String name : settings) {
      if (!STARTUP.contains(name)
          && (Dialect.refusesSetting(name) || cluster.faults.refusesSetting(name))) {
        return Refusal.fatal(
            "0A000", "setting configuration parameter \"" + name + "\" not supported");
      }
    }
    return null;
  }

  // The names in `-c name=value --name=value`.
  private static List<String> settingsIn(String options) {
    List<String> names = new ArrayList<>();
    for (String word : options.strip().split("\\s+", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        names.add(word.substring(0, equals).replaceFirst("^-c|^--", "").replace('-', '_'));
      }
    }
    return names;
  }

  private static void remember(
      Cluster cluster, StartupRequest request, String key, String outcome) {
    cluster.logins.add(
        new Login(
            cluster.clock.instant(),
            request.user(),
            key,
            request.sniHost(),
            request.directTls(),
            request.parameters().getOrDefault("application_name", ""),
            outcome));
  }
}
