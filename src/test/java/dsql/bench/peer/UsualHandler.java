package dsql.bench.peer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

/// The usual stack as a Lambda handler. Safe for concurrent use.
public final class UsualHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {

  private static final UsualStack STACK = new UsualStack(System.getenv(), 2, false);

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    return STACK.handle(event);
  }
}
