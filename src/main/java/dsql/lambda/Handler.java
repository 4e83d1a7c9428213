package dsql.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import org.jspecify.annotations.Nullable;

/// The function's entry point, `dsql.lambda.Handler::handleRequest`. Safe for concurrent use.
public final class Handler implements RequestHandler<Received, Reply> {

  /// The one application of this environment, with its pool, kept from one invocation to the next.
  private static @Nullable App shared;

  private final App app;

  /// The handler of this environment, configured by its variables.
  ///
  /// @throws InvalidConfiguration with every fault of the configuration
  public Handler() {
    this(shared());
  }

  Handler(App app) {
    this.app = app;
  }

  private static synchronized App shared() {
    if (shared == null) {
      shared = App.start(System.getenv(), System.out);
    }
    return shared;
  }

  /// Runs one event.
  ///
  /// @throws FunctionError when the direct or the schedule door fails; the HTTP door never throws
  @Override
  public Reply handleRequest(Received event, Context context) {
    return app.handle(event, context);
  }
}
