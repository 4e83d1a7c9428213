package dsql.local.session;

import dsql.local.session.Backend.Stall;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import java.io.IOException;

/// How many rows a statement has changed: by its completion or, where that does not tell, by
/// PostgreSQL's statistics of the transaction.
final class Changes {
  private final Backend backend;
  private final Stall force;
  private boolean compound;
  private long before;

  Changes(Backend backend, Stall force) {
    this.backend = backend;
    this.force = force;
  }

  /// Before a statement, which may be one that changes rows in its parts.
  void begin(boolean isCompound) throws IOException {
    compound = isCompound;
    if (isCompound) {
      before = soFar();
    }
  }

  /// After it.
  long of(Message completion) throws IOException {
    return compound ? soFar() - before : Messages.rows(completion);
  }

  private long soFar() throws IOException {
    long[] count = new long[1];
    backend.run(
        // The view pg_stat_xact_all_tables has the same numbers and takes a millisecond.
        "SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
            + " + pg_stat_get_xact_tuples_deleted(oid)) FROM pg_class"
            + " WHERE relkind = 'r' AND oid >= 16384",
        message -> {
          if (message.type() == 'D') {
            Message.Body row = message.read();
            row.int16();
            String value = row.value();
            count[0] = value == null ? 0 : Long.parseLong(value);
          }
        },
        force);
    return count[0];
  }
}
