package dsql.runtime;

import com.amazonaws.services.lambda.crac.Core;
import com.amazonaws.services.lambda.crac.Resource;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/// A handler with types of its own, whose event is a command: for trying the runtime interface
/// client.
public final class Echo implements RequestHandler<Echo.Command, Echo.Answer> {

  /// An event: a word and what follows it.
  public record Command(String word, String rest) {}

  /// A result, written in quotation marks.
  public record Answer(String text) {}

  /// An exception that brings a stack trace and a cause.
  public static final class Traced extends RuntimeException {
    private static final long serialVersionUID = 1;

    Traced(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// An exception that brings neither.
  public static final class Quiet extends RuntimeException {
    private static final long serialVersionUID = 1;

    Quiet(String message) {
      super(message, null, false, false);
    }
  }

  /// Text in and out; it fails where it is told to.
  public static final class Serializer implements CustomPojoSerializer {

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T> T fromJson(InputStream input, Type type) {
      try {
        return (T) fromJson(new String(input.readAllBytes(), StandardCharsets.UTF_8), type);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T> T fromJson(String input, Type type) {
      if (input.equals("unreadable") || type != Command.class) {
        throw new Quiet("cannot read " + type);
      }
      String[] parts = input.split(" ", 2);
      return (T) new Command(parts[0], parts.length == 2 ? parts[1] : "");
    }

    @Override
    public <T> void toJson(T value, OutputStream output, Type type) {
      Answer answer = (Answer) value;
      if (answer.text.equals("unwritable") || type != Answer.class) {
        throw new Quiet("cannot write " + type);
      }
      try {
        output.write(('"' + answer.text + '"').getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// A handler that cannot be made.
  public static final class Unmakeable implements RequestHandler<Command, Answer> {

    /// Throws.
    public Unmakeable() {
      throw new IllegalStateException("CLUSTER_ENDPOINT is not set");
    }

    @Override
    public Answer handleRequest(Command command, Context context) {
      throw new AssertionError();
    }
  }

  /// A handler that the serializer has no part in.
  public static final class Stream implements RequestStreamHandler {

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
        throws IOException {
      input.transferTo(output);
    }
  }

  /// Tells which credentials the SDK's default chain finds.
  public static final class Identity implements RequestStreamHandler {
    private final AwsCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
        throws IOException {
      output.write(credentials.resolveCredentials().accessKeyId().getBytes(StandardCharsets.UTF_8));
    }
  }

  /// Takes part in the checkpoint; fails there where the variable FAIL says so.
  public static final class Snapshot implements RequestStreamHandler, Resource {
    private static final StringBuilder SEEN = new StringBuilder("made");

    /// Registers for the checkpoint.
    public Snapshot() {
      Core.getGlobalContext().register(this);
    }

    private static void pass(String point) {
      if (point.equals(System.getenv("FAIL"))) {
        throw new Quiet("failed at " + point);
      }
      SEEN.append(' ').append(point);
    }

    @Override
    public void beforeCheckpoint(
        com.amazonaws.services.lambda.crac.Context<? extends Resource> context) {
      pass("checkpoint");
    }

    @Override
    public void afterRestore(
        com.amazonaws.services.lambda.crac.Context<? extends Resource> context) {
      pass("restore");
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
        throws IOException {
      output.write(SEEN.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private final CyclicBarrier meeting = new CyclicBarrier(4);

  @Override
  public Answer handleRequest(Command command, Context context) {
    return new Answer(
        switch (command.word) {
          case "echo" -> command.rest;
          case "variable" -> String.valueOf(System.getenv(command.rest));
          case "variables" -> String.join(" ", System.getenv().keySet());
          case "property" -> String.valueOf(System.getProperty(command.rest));
          case "remaining" -> Integer.toString(context.getRemainingTimeInMillis());
          case "request" -> context.getAwsRequestId();
          case "traced" -> throw new Traced(command.rest, new IllegalStateException("the cause"));
          case "quiet" -> throw new Quiet(command.rest);
          case "overflow" -> throw new StackOverflowError(command.rest);
          case "meet" -> meet();
          case "print" -> print(command.rest);
          case "log" -> log(context, command.rest);
          case "exit" -> exit();
          case "null" -> "null";
          default -> command.word;
        });
  }

  /// Returns only when four invocations are here at once.
  private String meet() {
    try {
      meeting.await(20, TimeUnit.SECONDS);
      return "met";
    } catch (BrokenBarrierException | TimeoutException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String print(String line) {
    System.out.println(line);
    return "printed";
  }

  private static String log(Context context, String line) {
    context.getLogger().log(line);
    return "logged";
  }

  private static String exit() {
    Runtime.getRuntime().halt(3);
    return "gone";
  }
}
