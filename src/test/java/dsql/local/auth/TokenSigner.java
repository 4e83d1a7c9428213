package dsql.local.auth;

import dsql.local.auth.SignatureV4.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.SortedMap;
import java.util.TreeMap;

/// Makes tokens in the shape the AWS SDKs make them.
public final class TokenSigner {
  static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private TokenSigner() {}

  /// A password for `host` (no port), good from `at` for `expires`.
  public static String sign(
      Credentials credentials,
      String host,
      String region,
      Action action,
      Instant at,
      Duration expires) {
    String timestamp = TIMESTAMP.format(at);
    Scope scope = new Scope(timestamp.substring(0, 8), region, "dsql");
    SortedMap<String, String> query = new TreeMap<>();
    query.put("Action", action.name());
    query.put("X-Amz-Security-Token", credentials.sessionToken());
    query.put("X-Amz-Algorithm", SignatureV4.ALGORITHM);
    query.put("X-Amz-Date", timestamp);
    query.put("X-Amz-SignedHeaders", "host");
    query.put("X-Amz-Expires", Long.toString(expires.toSeconds()));
    query.put("X-Amz-Credential", credentials.accessKeyId() + "/" + scope);
    String signature = SignatureV4.of(credentials.secretAccessKey(), host, timestamp, scope, query);
    return host + "/?" + SignatureV4.encode(query) + "&X-Amz-Signature=" + signature;
  }
}
