package dsql.db.connect;

import dsql.db.pool.Deadline;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;
import software.amazon.awssdk.services.dsql.model.GenerateAuthTokenRequest;

/// Creates tokens of the execution role, which the SDK signs with the current credentials. Safe for
/// concurrent use.
public final class IamTokenSource implements TokenSource {

  /// Short, because a token is used at once: the server checks it at login and never again.
  private static final Duration VALIDITY = Duration.ofMinutes(1);

  private final String host;
  private final boolean admin;
  private final DsqlUtilities utilities;
  private final FunctionCredentials credentials = new FunctionCredentials();

  /// @param host the endpoint without its port, as a token names it
  /// @param admin whether the token is for the user `admin` (DbConnectAdmin) or a role (DbConnect)
  public IamTokenSource(String host, Region region, boolean admin) {
    this.host = host;
    this.admin = admin;
    this.utilities = DsqlUtilities.builder().region(region).build();
  }

  @Override
  public String token(Deadline deadline) {
    GenerateAuthTokenRequest request =
        GenerateAuthTokenRequest.builder()
            .hostname(host)
            .expiresIn(VALIDITY)
            .credentialsProvider(StaticCredentialsProvider.create(credentials.by(deadline)))
            .build();
    return admin
        ? utilities.generateDbConnectAdminAuthToken(request)
        : utilities.generateDbConnectAuthToken(request);
  }
}
