package dsql.model;

import dsql.model.Sender.At;
import dsql.model.Violation.Invariant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// That the request, sent once more when nobody else runs and nothing goes wrong, ends with all
/// rows committed, whenever the lost commits land. Confined to one thread.
final class QuietResend {

  private final Scope scope;
  private final Set<List<Long>> seen = new HashSet<>();
  private final World scratch;

  QuietResend(Scope scope) {
    this.scope =
        new Scope(
            scope.whole(),
            scope.rows(),
            scope.chunk(),
            scope.tooLarge(),
            2,
            0,
            0,
            0,
            0,
            scope.mutants(),
            false);
    this.scratch = new World(this.scope);
  }

  /// Whether it does so from there on. The request fits the table.
  void check(World world) {
    World quiet = new World(scope);
    quiet.present = world.present;
    quiet.next = world.next;
    quiet.expired = world.expired;
    quiet.in = world.in;
    Sender past = quiet.senders[0];
    past.at = At.ENDED;
    for (Sender sender : world.senders) {
      past.inFlight |= sender.inFlight;
    }
    visit(quiet);
  }

  private void visit(World world) {
    long[] words = new long[2];
    world.pack(words, false);
    if (!seen.add(List.of(words[0], words[1]))) {
      return;
    }
    if (world.senders[1].at == At.ENDED && world.in != World.upTo(scope.rows())) {
      throw new Violation(Invariant.RESEND_FINISHES, "a quiet resend ends without all rows");
    }
    new Protocol(scope, true, (_, next) -> visit(next)).step(words, 1);
    for (int flight = 1; flight < 1 << 16; flight <<= 1) {
      scratch.unpack(words);
      Sender past = scratch.senders[0];
      if ((past.inFlight & flight) != 0) {
        int bit = Integer.numberOfTrailingZeros(flight);
        scratch.commit(past, bit / 4, bit % 4 + 1);
        past.end();
        visit(scratch);
      }
    }
  }
}
