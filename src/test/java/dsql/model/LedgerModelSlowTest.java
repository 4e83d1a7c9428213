package dsql.model;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The model with three senders, which takes most of a minute and a gigabyte of memory.
@Tag("slow")
final class LedgerModelSlowTest {

  @Test
  void noStateOfTheFullModelBreaksAnInvariant() throws IOException {
    ModelPage.holds(Exploration.FULL, new Explorer(Exploration.FULL.scope()).run());
  }
}
