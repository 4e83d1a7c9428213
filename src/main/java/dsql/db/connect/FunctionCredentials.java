package dsql.db.connect;

import dsql.db.pool.Deadline;
import dsql.db.pool.DeadlineExceeded;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.thirdparty.jackson.core.JacksonException;

/// Finds the function's credentials by the providers of the SDK's default chain, in its order. Safe
/// for concurrent use.
///
/// The SDK's own chain reports all failures in one text. This class distinguishes an endpoint that
/// could not deliver its credentials from having none at all; after such a failure no further
/// provider is asked.
///
/// Lambda without SnapStart puts the role's keys into the environment, so the other providers,
/// which read profiles and prepare HTTP requests, are created only if needed: creating them takes a
/// twentieth of a cold start. Their waits end by the SDK's own limits, so they run on another
/// thread.
final class FunctionCredentials {

  /// How long to wait for new credentials while the last ones are still valid: the SDK fetches new
  /// ones a quarter of an hour before the old ones expire.
  private static final Duration PATIENCE = Duration.ofMillis(250);

  /// Fetched credentials are used again only if they stay valid for at least this long.
  private static final Duration LEAST = Duration.ofMinutes(1);

  private final List<AwsCredentialsProvider> keys =
      List.of(
          SystemPropertyCredentialsProvider.create(),
          EnvironmentVariableCredentialsProvider.create());

  private final Errand<AwsCredentials> fetching = new Errand<>("dsql-credentials", new Fetching());
  private volatile @Nullable AwsCredentials fetched;

  /// The credentials to sign with now.
  ///
  /// @throws TokenSource.Unavailable if there are none, or they could not be fetched
  /// @throws DeadlineExceeded if they did not arrive in time
  AwsCredentials by(Deadline deadline) {
    AwsCredentials key = firstOf(keys, none());
    return key != null ? key : fetchedBy(deadline);
  }

  private AwsCredentials fetchedBy(Deadline deadline) {
    AwsCredentials spare = isGood(fetched) ? fetched : null;
    Errand.Pending<AwsCredentials> coming = fetching.begin();
    try {
      AwsCredentials came =
          coming.await(spare == null ? deadline.remaining() : deadline.atMost(PATIENCE));
      fetched = came;
      return came;
    } catch (TimeoutException e) {
      if (spare != null) {
        return spare;
      }
      throw new DeadlineExceeded("No credentials arrived in time.", e);
    } catch (ExecutionException e) {
      if (spare != null && e.getCause() instanceof NotFetched) {
        return spare;
      }
      throw failed(e.getCause());
    }
  }

  private static boolean isGood(@Nullable AwsCredentials credentials) {
    Instant least = Instant.now().plus(LEAST);
    return credentials != null && credentials.expirationTime().filter(least::isBefore).isPresent();
  }

  private static RuntimeException failed(@Nullable Throwable cause) {
    return switch (cause) {
      case NotFetched notFetched -> new TokenSource.Unavailable(notFetched, true);
      case SdkException none -> new TokenSource.Unavailable(none, false);
      case Error error -> throw error;
      case null, default -> new IllegalStateException("Fetching the credentials failed.", cause);
    };
  }

  private static SdkException none() {
    return SdkClientException.create("No provider of the default chain has credentials.");
  }

  /// @param none collects the failures as suppressed exceptions
  private static @Nullable AwsCredentials firstOf(
      List<AwsCredentialsProvider> links, SdkException none) {
    for (AwsCredentialsProvider link : links) {
      try {
        return link.resolveCredentials();
      } catch (RuntimeException e) {
        if (link instanceof ContainerCredentialsProvider && isPassing(e)) {
          throw new NotFetched(e);
        }
        // The next provider may have credentials.
        none.addSuppressed(e);
      }
    }
    return null;
  }

  /// Whether the SDK itself would retry: after a failure of the network or of the server. A refusal
  /// or an unreadable answer will be the same next time.
  private static boolean isPassing(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SdkServiceException answer) {
        return answer.statusCode() >= 500 || answer.statusCode() == 429;
      } else if (cause instanceof JacksonException) {
        return false;
      } else if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /// The source of the credentials could not be reached, did not answer, or was overloaded.
  private static final class NotFetched extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotFetched(RuntimeException cause) {
      super("The credentials could not be fetched.", cause);
    }
  }

  /// Asks the providers that may block. They are created at first use, on the errand's thread only.
  private static final class Fetching implements Callable<AwsCredentials> {
    private @Nullable List<AwsCredentialsProvider> links;

    @Override
    public synchronized AwsCredentials call() {
      if (links == null) {
        links =
            List.of(
                WebIdentityTokenFileCredentialsProvider.create(),
                ProfileCredentialsProvider.create(),
                ContainerCredentialsProvider.builder().build(),
                InstanceProfileCredentialsProvider.create());
      }
      SdkException none = none();
      AwsCredentials found = firstOf(links, none);
      if (found == null) {
        throw none;
      }
      return found;
    }
  }
}
