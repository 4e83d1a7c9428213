package dsql.local.auth;

import java.time.Instant;

/// One attempt to connect that got as far as a startup packet, accepted or refused.
///
/// `accessKeyId` and `sniHost` are empty where the client sent none; `outcome` is `accepted` or the
/// hint of the refusal.
public record Login(
    Instant at,
    String user,
    String accessKeyId,
    String sniHost,
    boolean directTls,
    String applicationName,
    String outcome) {

  public static final String ACCEPTED = "accepted";

  public boolean accepted() {
    return outcome.equals(ACCEPTED);
  }
}
