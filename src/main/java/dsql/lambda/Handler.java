package dsql.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The function's entry point, `dsql.lambda.Handler::handleRequest`. Safe for concurrent use.
public final class Handler implements RequestHandler<Event, Reply> {

  /// What is kept between invocations: the application, with its pool.
  ///
  /// @param hooks null outside SnapStart; kept here because the runtime only holds them weakly
  private record Environment(App app, @Nullable Object hooks) {}

  private static @Nullable Environment shared;

  private final App app;

  /// A handler configured by the environment's variables.
  ///
  /// @throws InvalidConfiguration with every fault of the configuration
  public Handler() {
    this(shared().app());
  }

  Handler(App app) {
    this.app = app;
  }

  private static synchronized Environment shared() {
    if (shared == null) {
      Map<String, String> variables = System.getenv();
      App app = App.start(variables, System.out);
      boolean snapshot = "snap-start".equals(variables.get("AWS_LAMBDA_INITIALIZATION_TYPE"));
      shared =
          new Environment(app, snapshot ? SnapStart.register(app, variables, System.out) : null);
    }
    return shared;
  }

  /// Runs one event.
  ///
  /// @throws FunctionError when the direct or the schedule door fails; the HTTP door never throws
  @Override
  public Reply handleRequest(Event event, Context context) {
    return app.handle(event, InvocationContext.of(context));
  }
}
