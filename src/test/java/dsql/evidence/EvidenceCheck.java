package dsql.evidence;

import dsql.local.session.Taps;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class in which the function sent something that the page has no row for. JUnit
/// finds it through `META-INF/services`, so that no test class can forget it; programs that are no
/// tests go without.
public final class EvidenceCheck implements BeforeAllCallback, AfterAllCallback {

  static final Collector COLLECTOR = new Collector(Page.read().constructs());

  /// The check of a cluster opens connections as the function does, for statements of its own.
  private static final String OTHER_STATEMENTS = "dsql.cluster";

  @Override
  public void beforeAll(ExtensionContext context) {
    String tests = context.getRequiredTestClass().getPackageName();
    Taps.set(tests.equals(OTHER_STATEMENTS) ? Taps.NONE : COLLECTOR);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    List<String> complaints = COLLECTOR.complaints();
    if (!complaints.isEmpty()) {
      throw new AssertionError(String.join(System.lineSeparator(), complaints));
    }
  }
}
