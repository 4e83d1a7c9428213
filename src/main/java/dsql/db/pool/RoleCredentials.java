package dsql.db.pool;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;

/// The SDK's default chain, all but the first two links of which are made when those find nothing.
/// Safe for concurrent use.
///
/// Lambda without SnapStart puts the role's keys into the environment, where the chain looks before
/// all other places but the system properties. To make the other links all the same, which read
/// profiles and prepare HTTP requests, would take a twentieth of a cold start.
final class RoleCredentials implements AwsCredentialsProvider {

  private @Nullable AwsCredentialsProvider chain;

  private RoleCredentials() {}

  static AwsCredentialsProvider create() {
    return AwsCredentialsProviderChain.of(
        SystemPropertyCredentialsProvider.create(),
        EnvironmentVariableCredentialsProvider.create(),
        new RoleCredentials());
  }

  @Override
  public AwsCredentials resolveCredentials() {
    return chain().resolveCredentials();
  }

  private synchronized AwsCredentialsProvider chain() {
    AwsCredentialsProvider made = chain;
    if (made == null) {
      made = DefaultCredentialsProvider.builder().build();
      chain = made;
    }
    return made;
  }
}
