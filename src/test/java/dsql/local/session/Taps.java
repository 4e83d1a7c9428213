package dsql.local.session;

/// The one tap of this JVM, on every endpoint in it; none unless a test has set one. Safe for
/// concurrent use.
public final class Taps {
  /// Listens to nothing.
  public static final Tap NONE = (_, _) -> _ -> {};

  private static volatile Tap tap = NONE;

  private Taps() {}

  /// Listens to all connections from now on.
  public static void set(Tap tap) {
    Taps.tap = tap;
  }

  static Tap.Line line(StartupRequest request) {
    return tap.opened(request.parameters(), request.directTls());
  }
}
