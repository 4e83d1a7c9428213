package dsql.lambda.torture;

import dsql.local.fault.Failure;
import dsql.local.fault.Faults;
import dsql.local.fault.Rejection;
import java.util.SplittableRandom;

/// Orders faults of the network and of the server at random.
final class TortureFaults {

  private TortureFaults() {}

  /// Orders one fault, or none, or another of the answers that the service may give, for whichever
  /// session comes next.
  static void order(Faults faults, SplittableRandom random) {
    switch (random.nextInt(17)) {
      case 0 -> faults.failCommits(1 + random.nextInt(3), Failure.OC000);
      case 1 -> faults.failCommits(1, Failure.OC001);
      case 2 -> faults.failCommits(1 + random.nextInt(2), Failure.UNAVAILABLE);
      case 3 -> faults.failCommits(1 + random.nextInt(2), Failure.UNAVAILABLE_BUT_DONE);
      case 4 -> faults.failStatements(1, Failure.OC001);
      case 5 -> faults.failStatements(1, Failure.UNAVAILABLE);
      case 6 -> faults.cutBeforeCommits(1);
      case 7, 8 -> faults.cutAfterCommits(1);
      case 9 -> faults.cutAfterSending(1 + random.nextInt(3000));
      case 10 -> faults.cutAfterReceiving(1 + random.nextInt(4000));
      case 11 ->
          faults.refuseConnections(1, random.nextBoolean() ? Rejection.WAKING_UP : Rejection.RATE);
      case 12, 13 -> faults.commitLate(1, 1 + random.nextInt(6));
      case 14 -> faults.answers().nameless(random.nextBoolean());
      case 15 -> faults.answers().duplicatesConflict(random.nextBoolean());
      default -> {}
    }
  }
}
