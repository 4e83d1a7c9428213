package dsql.db.pool;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;

/// Tokens of the execution role, signed by the SDK with what its default chain finds at that
/// moment. Safe for concurrent use.
public final class IamTokenSource implements TokenSource {

  /// A token is used at once: it is checked at connect and never again.
  private static final Duration VALIDITY = Duration.ofMinutes(1);

  private final String host;
  private final boolean admin;
  private final DsqlUtilities utilities;

  /// @param host the endpoint without its port, which is what a token names
  /// @param admin whether the token is for the user `admin` (DbConnectAdmin) or a role (DbConnect)
  public IamTokenSource(String host, Region region, boolean admin) {
    this(host, region, admin, DefaultCredentialsProvider.builder().build());
  }

  private IamTokenSource(
      String host, Region region, boolean admin, AwsCredentialsProvider credentials) {
    this.host = host;
    this.admin = admin;
    this.utilities =
        DsqlUtilities.builder().region(region).credentialsProvider(credentials).build();
  }

  @Override
  public String token() {
    try {
      return admin
          ? utilities.generateDbConnectAdminAuthToken(b -> b.hostname(host).expiresIn(VALIDITY))
          : utilities.generateDbConnectAuthToken(b -> b.hostname(host).expiresIn(VALIDITY));
    } catch (SdkException e) {
      throw new Unavailable(e);
    }
  }
}
