package dsql.runtime;

/// The process did not do in time what was waited for. Lambda would have cut it off there.
public final class NoReply extends IllegalStateException {
  private static final long serialVersionUID = 1;

  NoReply(String message) {
    super(message);
  }
}
