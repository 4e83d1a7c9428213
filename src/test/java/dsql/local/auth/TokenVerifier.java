package dsql.local.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dsql.local.auth.SignatureV4.Scope;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Decides whether a password is a token that lets its user in.
///
/// Checks in the order a reader of the hints would want them: shape, user against action, scope,
/// key, signature, time. Safe for concurrent use.
public final class TokenVerifier {
  private static final long WEEK = Duration.ofDays(7).toSeconds();
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final Set<String> hosts;
  private final String region;
  private final InstantSource clock;
  private final Map<String, Credentials> known = new ConcurrentHashMap<>();

  /// @param hosts the names that a token may be signed for
  public TokenVerifier(Set<String> hosts, String region, InstantSource clock) {
    this.hosts = Set.copyOf(hosts);
    this.region = region;
    this.clock = clock;
  }

  public void trust(Credentials credentials) {
    known.put(credentials.accessKeyId(), credentials);
  }

  public void revoke(String accessKeyId) {
    known.remove(accessKeyId);
  }

  /// What became of a password: let in under a key, or not, with the hint that says why.
  public sealed interface Verdict {
    String accessKeyId();
  }

  public record Accepted(String accessKeyId) implements Verdict {}

  public record Denied(String accessKeyId, String hint) implements Verdict {}

  public Verdict verify(String user, String password) {
    String keyId = "";
    try {
      Map<String, String> query = parse(password);
      String[] credential = take(query, "X-Amz-Credential").split("/", -1);
      keyId = credential[0];
      check(user, password, query, credential);
      return new Accepted(keyId);
    } catch (DeniedException e) {
      return new Denied(keyId, e.hint);
    }
  }

  private void check(String user, String password, Map<String, String> query, String[] credential)
      throws DeniedException {
    String action = take(query, "Action");
    if (!action.equals(Action.of(user).name())) {
      throw new DeniedException(
          "Wrong user to action mapping. user: " + user + ", action: " + action);
    }
    String host = password.substring(0, password.indexOf("/?"));
    if (!hosts.contains(host)) {
      throw new DeniedException("The token was signed for another host.");
    }
    Scope scope = scope(credential);
    Credentials key = known.get(credential[0]);
    if (key == null || !take(query, "X-Amz-Security-Token").equals(key.sessionToken())) {
      throw new DeniedException("The security token included in the request is invalid.");
    }
    String timestamp = take(query, "X-Amz-Date");
    checkSignature(key, host, scope, timestamp, query);
    checkTime(timestamp, scope, take(query, "X-Amz-Expires"));
  }

  private Scope scope(String[] credential) throws DeniedException {
    if (credential.length != 5 || !credential[4].equals("aws4_request")) {
      throw new DeniedException("Credential must have five parts and end in aws4_request.");
    }
    if (!credential[2].equals(region)) {
      throw new DeniedException("Credential should be scoped to a valid region.");
    }
    if (!credential[3].equals("dsql")) {
      throw new DeniedException("Credential should be scoped to correct service: 'dsql'.");
    }
    return new Scope(credential[1], credential[2], credential[3]);
  }

  private void checkSignature(
      Credentials key, String host, Scope scope, String timestamp, Map<String, String> query)
      throws DeniedException {
    SortedMap<String, String> signed = new TreeMap<>(query);
    signed.remove("X-Amz-Signature");
    String expected = SignatureV4.of(key.secretAccessKey(), host, timestamp, scope, signed);
    if (!take(query, "X-Amz-Algorithm").equals(SignatureV4.ALGORITHM)
        || !take(query, "X-Amz-SignedHeaders").equals("host")
        || !MessageDigest.isEqual(
            expected.getBytes(UTF_8), take(query, "X-Amz-Signature").getBytes(UTF_8))) {
      throw new DeniedException(
          "The request signature we calculated does not match the signature you provided.");
    }
  }

  private void checkTime(String timestamp, Scope scope, String expires) throws DeniedException {
    Instant signed;
    long seconds;
    try {
      signed = TokenSigner.TIMESTAMP.parse(timestamp, Instant::from);
      seconds = Long.parseLong(expires);
    } catch (DateTimeException | NumberFormatException e) {
      throw new DeniedException(
          "X-Amz-Date and X-Amz-Expires must be a timestamp and a number.", e);
    }
    if (seconds > WEEK) {
      throw new DeniedException("X-Amz-Expires must be less than a week (in seconds)");
    }
    if (!timestamp.startsWith(scope.date())) {
      throw new DeniedException("Date in Credential scope does not match the timestamp.");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant end = signed.plusSeconds(seconds);
    if (!now.isBefore(end)) {
      throw new DeniedException(
          "Signature expired: %s is now earlier than %s"
              .formatted(TokenSigner.TIMESTAMP.format(end), TokenSigner.TIMESTAMP.format(now)));
    }
    if (signed.isAfter(now.plus(SKEW))) {
      throw new DeniedException(
          "Signature not yet current: %s is still later than %s"
              .formatted(timestamp, TokenSigner.TIMESTAMP.format(now.plus(SKEW))));
    }
  }

  private static Map<String, String> parse(String password) throws DeniedException {
    int mark = password.indexOf("/?");
    if (mark < 0) {
      throw new DeniedException("The password is not an authentication token.");
    }
    Map<String, String> query = new TreeMap<>();
    try {
      for (String pair : password.substring(mark + 2).split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals < 0
            || query.put(
                    URLDecoder.decode(pair.substring(0, equals), UTF_8),
                    URLDecoder.decode(pair.substring(equals + 1), UTF_8))
                != null) {
          throw new DeniedException("The token's parameters are malformed.");
        }
      }
    } catch (IllegalArgumentException e) {
      throw new DeniedException("The token's parameters are malformed.", e);
    }
    return query;
  }

  private static String take(Map<String, String> query, String name) throws DeniedException {
    String value = query.get(name);
    if (value == null) {
      throw new DeniedException("The token lacks " + name + ".");
    }
    return value;
  }

  private static final class DeniedException extends Exception {
    private static final long serialVersionUID = 1;
    private final String hint;

    DeniedException(String hint) {
      super(hint);
      this.hint = hint;
    }

    DeniedException(String hint, Throwable cause) {
      super(hint, cause);
      this.hint = hint;
    }
  }
}
