package dsql.db.pool;

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

/// Finds the function's credentials by the links of the SDK's default chain, in its order. Safe for
/// concurrent use.
///
/// The SDK's own chain tells of all failures in one text. Here an endpoint that has credentials and
/// could not give them is told from there being none at all, and no further link is asked then.
///
/// Lambda without SnapStart puts the role's keys into the environment; to make the other links all
/// the same, which read profiles and prepare HTTP requests, would take a twentieth of a cold start.
/// What they wait for ends by limits that are the SDK's own, so they are asked on another thread.
final class FunctionCredentials {

  /// For new credentials, where the ones fetched last are still good: the SDK asks for new ones a
  /// quarter of an hour before.
  private static final Duration PATIENCE = Duration.ofMillis(250);

  /// What fetched credentials must have left to be used once more.
  private static final Duration LEAST = Duration.ofMinutes(1);

  private final List<AwsCredentialsProvider> keys =
      List.of(
          SystemPropertyCredentialsProvider.create(),
          EnvironmentVariableCredentialsProvider.create());

  private final Errand<AwsCredentials> fetching = new Errand<>("dsql-credentials", new Fetching());
  private volatile @Nullable AwsCredentials fetched;

  /// The credentials to sign with at this moment.
  ///
  /// @throws TokenSource.Unavailable when there are none, or they could not be fetched
  /// @throws DeadlineExceeded when they did not come in time
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
      throw new DeadlineExceeded("No credentials came in time.", e);
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
    if (cause instanceof NotFetched notFetched) {
      return new TokenSource.Unavailable(notFetched, true);
    } else if (cause instanceof SdkException none) {
      return new TokenSource.Unavailable(none, false);
    } else if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("The credentials were not fetched.", cause);
  }

  private static SdkException none() {
    return SdkClientException.create("No link of the chain has credentials.");
  }

  /// @param none gets the failures
  private static @Nullable AwsCredentials firstOf(
      List<AwsCredentialsProvider> links, SdkException none) {
    for (AwsCredentialsProvider link : links) {
      try {
        return link.resolveCredentials();
      } catch (RuntimeException e) {
        if (link instanceof ContainerCredentialsProvider && isPassing(e)) {
          throw new NotFetched(e);
        }
        // What one link lacks another may have.
        none.addSuppressed(e);
      }
    }
    return null;
  }

  /// What the SDK itself repeats: a failure of the network or of the server. An answer that refuses
  /// or that cannot be read will be the same next time.
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

  /// Whoever gives the credentials could not be reached, did not answer, or said to come later.
  private static final class NotFetched extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotFetched(RuntimeException cause) {
      super("The credentials could not be fetched.", cause);
    }
  }

  /// Asks the links that may wait. They are made at the first use, on the errand's thread alone.
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
