package dsql.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the runtime says of an invocation.
///
/// @param remaining the time that the invocation has left when it begins
/// @param trace the header of its X-Ray trace; null without one
record InvocationContext(
    String requestId, Duration remaining, @Nullable String trace, LambdaLogger log) {

  static InvocationContext of(Context context) {
    return new InvocationContext(
        context.getAwsRequestId(),
        Duration.ofMillis(context.getRemainingTimeInMillis()),
        context.getXrayTraceId(),
        context.getLogger());
  }
}
