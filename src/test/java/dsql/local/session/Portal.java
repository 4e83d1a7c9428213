package dsql.local.session;

import dsql.local.sql.Command;
import dsql.local.sql.Statement;
import dsql.local.wire.Message;

/// A statement ready to run: as read, as parsed and as bound, by an extended query or a simple one.
record Portal(String name, Prepared prepared, Message bind, boolean simple) {

  /// A statement a client has prepared, with the Parse message that did it.
  record Prepared(Statement statement, Command command, Message parse) {}

  Command command() {
    return prepared.command;
  }

  /// The message that runs it, at most so many rows (0: all).
  Message execution(int maxRows) {
    return Message.of('E').string(name).int32(maxRows).end();
  }

  /// Its weight in the transaction: the bytes the client sent for it.
  long bytes() {
    return prepared.statement.text().length() + (long) bind.length();
  }
}
