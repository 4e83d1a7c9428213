package dsql;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// What the runtime would tell of an invocation, outside of Lambda.
///
/// @param remaining the time that the invocation says it has
/// @param log what was logged
/// @param trace the header of the invocation's X-Ray trace; empty where it has none
public record LocalContext(
    String requestId, Duration remaining, ConcurrentLinkedQueue<String> log, String trace)
    implements Context {

  private static final AtomicInteger SERIAL = new AtomicInteger();

  public static LocalContext of(Duration remaining) {
    return new LocalContext(
        "local-" + SERIAL.incrementAndGet(), remaining, new ConcurrentLinkedQueue<>(), "");
  }

  public static LocalContext traced(String trace) {
    LocalContext plain = of(Duration.ofSeconds(29));
    return new LocalContext(plain.requestId(), plain.remaining(), plain.log(), trace);
  }

  @Override
  public String getXrayTraceId() {
    return trace;
  }

  @Override
  public String getAwsRequestId() {
    return requestId;
  }

  @Override
  public int getRemainingTimeInMillis() {
    return Math.toIntExact(remaining.toMillis());
  }

  @Override
  public LambdaLogger getLogger() {
    return new LambdaLogger() {
      @Override
      public void log(String message) {
        log.add(message);
      }

      @Override
      public void log(byte[] message) {
        log.add(new String(message, StandardCharsets.UTF_8));
      }
    };
  }

  @Override
  public String getLogGroupName() {
    return "local";
  }

  @Override
  public String getLogStreamName() {
    return "local";
  }

  @Override
  public String getFunctionName() {
    return "local";
  }

  @Override
  public String getFunctionVersion() {
    return "$LATEST";
  }

  @Override
  public String getInvokedFunctionArn() {
    return "arn:aws:lambda:us-east-1:123456789012:function:local";
  }

  @Override
  @SuppressWarnings("NullAway") // Lambda gives null where the caller is no mobile application.
  public CognitoIdentity getIdentity() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway") // As above.
  public ClientContext getClientContext() {
    return null;
  }

  @Override
  public int getMemoryLimitInMB() {
    return 1769;
  }
}
