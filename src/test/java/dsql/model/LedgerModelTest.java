package dsql.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dsql.model.Violation.Invariant;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// The protocol of keyed inserts keeps its promises in every state of the model, and each mistake
/// breaks one.
@Tag("unit")
final class LedgerModelTest {

  @ParameterizedTest
  @EnumSource(value = Exploration.class, mode = Mode.EXCLUDE, names = "FULL")
  void noStateBreaksAnInvariant(Exploration model) throws IOException {
    ModelPage.holds(model, new Explorer(model.scope()).run());
  }

  @ParameterizedTest
  @CsvSource({
    "LOOK_INSTEAD_OF_RUN_AGAIN, NO_FALSE_REPLY",
    "RESTART_AFTER_EXPIRY, NO_FALSE_REPLY",
    "POSITION_FROM_THE_LOOP, NO_FALSE_REPLY",
    "KEY_IN_ANOTHER_TRANSACTION, EXACTLY_ONCE",
    "UNGUARDED_NEXT_ROW, EXACTLY_ONCE",
    "EXPIRED_KEY_STAYS, RESEND_FINISHES",
    "NO_RENEWAL, NO_FALSE_REPLY",
    "UNGUARDED_REMOVAL, EXACTLY_ONCE",
    "LOST_COMMIT_FORGOTTEN, NO_FALSE_REPLY",
    "STALE_CERTAINTY, NO_FALSE_REPLY",
    "GOES_BACK, NO_FALSE_REPLY",
    "PROGRESS_SINCE_THE_LOOP_BEGAN, NO_FALSE_REPLY"
  })
  void eachMistakeIsFound(Mutant mutant, Invariant invariant) throws IOException {
    Violation found = found(mutant);
    assertEquals(invariant, found.invariant(), found.toString());
    assertFalse(found.steps().isEmpty());
    ModelPage.holds("| `" + mutant + "` | `" + invariant + "` |");
  }

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void noMistakeIsLeftOut(Mutant mutant) {
    assertFalse(found(mutant).steps().isEmpty());
  }

  /// With nothing of what a mistake needs, it does no harm: the mutants are not found because the
  /// model finds fault with everything. But a key in another transaction needs nothing.
  @ParameterizedTest
  @EnumSource(value = Mutant.class, mode = Mode.EXCLUDE, names = "KEY_IN_ANOTHER_TRANSACTION")
  void aMistakeThatCannotShowIsNotFound(Mutant mutant) {
    Scope scope = Scope.chunks(3, 1).with(0, 0, 1, 0);
    assertTrue(new Explorer(scope.with(mutant)).run().states() > 1);
  }

  /// What a reply does not promise: that no other sender commits the rows after the look that it
  /// tells of.
  @Test
  void notCommittedSpeaksOfTheLastLook() {
    Scope scope = Scope.halved(3, 2).with(0, 1, 0, 0).strictly();
    Violation found = violation(scope);
    assertTrue(found.toString().contains("another sender has committed it"), found.toString());
  }

  private static Violation found(Mutant mutant) {
    for (Scope scope : List.of(Scope.whole(2), Scope.halved(3, 2))) {
      try {
        new Explorer(scope.with(1, 1, 1, 1).with(mutant)).run();
      } catch (Violation violation) {
        return violation;
      }
    }
    return fail(mutant + " is not found");
  }

  private static Violation violation(Scope scope) {
    try {
      return fail("no violation in " + new Explorer(scope).run());
    } catch (Violation violation) {
      return violation;
    }
  }
}
