package dsql.db.pool;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;
import software.amazon.awssdk.services.dsql.model.GenerateAuthTokenRequest;

/// Tokens of the execution role, signed by the SDK with what its default chain finds at that
/// moment. Safe for concurrent use.
public final class IamTokenSource implements TokenSource {

  /// A token is used at once: it is checked at connect and never again.
  private static final Duration VALIDITY = Duration.ofMinutes(1);

  private final boolean admin;
  private final GenerateAuthTokenRequest request;
  private final DsqlUtilities utilities;

  /// @param host the endpoint without its port, which is what a token names
  /// @param admin whether the token is for the user `admin` (DbConnectAdmin) or a role (DbConnect)
  public IamTokenSource(String host, Region region, boolean admin) {
    this.admin = admin;
    this.request = GenerateAuthTokenRequest.builder().hostname(host).expiresIn(VALIDITY).build();
    this.utilities =
        DsqlUtilities.builder().region(region).credentialsProvider(credentials()).build();
  }

  /// The SDK's default chain, whose first two links are asked before it. Lambda without SnapStart
  /// puts the role's keys into the environment; to make the other links all the same, which read
  /// profiles and prepare HTTP requests, would take a twentieth of a cold start. The default chain
  /// makes its links when it is asked itself.
  private static AwsCredentialsProvider credentials() {
    return AwsCredentialsProviderChain.of(
        SystemPropertyCredentialsProvider.create(),
        EnvironmentVariableCredentialsProvider.create(),
        DefaultCredentialsProvider.builder().build());
  }

  @Override
  public String token() {
    try {
      return admin
          ? utilities.generateDbConnectAdminAuthToken(request)
          : utilities.generateDbConnectAuthToken(request);
    } catch (SdkException e) {
      throw new Unavailable(e);
    }
  }
}
