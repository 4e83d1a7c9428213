package dsql.local.session;

import dsql.local.sql.Command;
import dsql.local.sql.Command.AsyncIndex;
import dsql.local.sql.Command.Pass;
import dsql.local.sql.Command.Refused;
import dsql.local.sql.Dialect;
import dsql.local.sql.JobId;
import dsql.local.sql.Statement;
import dsql.local.wire.Channel;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import dsql.local.wire.ProtocolException;
import dsql.local.wire.Refusal;
import java.io.EOFException;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A logged-in client's conversation, relayed message by message.
///
/// One thread does all of it in turn. Parse, Bind, Describe and Close go to PostgreSQL unflushed;
/// Execute, Flush and Sync flush them and read the answers. So the endpoint stands between any two
/// statements, a pipeline costs no extra round trip before its first Execute, and neither side can
/// block the other by not reading.
///
/// A simple query runs as Parse, Bind, Describe, Execute for each of its statements and one Sync:
/// to PostgreSQL that is the same implicit transaction.
final class Session {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String INTERNAL = "local dsql";

  private final Channel client;
  private final Channel server;
  private final Backend backend;
  private final Map<String, Command> statements = new HashMap<>();
  private final Map<String, Command> portals = new HashMap<>();

  // Answers PostgreSQL owes for messages sent since the last one read.
  private int owed;
  private boolean skipping;
  private char status = 'I';

  Session(Cluster cluster, Channel client, Backend backend) {
    this.client = client;
    this.backend = backend;
    this.server = backend.channel;
  }

  void run() throws IOException {
    for (Message message : backend.greeting) {
      client.write(message);
    }
    while (true) {
      if (client.buffered() == 0) {
        client.flush();
      }
      Message message;
      try {
        message = client.read();
      } catch (EOFException e) {
        return;
      }
      if (message.type() == 'X') {
        return;
      }
      handle(message);
    }
  }

  private void handle(Message message) throws IOException {
    if (skipping && message.type() != 'S') {
      return;
    }
    switch (message.type()) {
      case 'Q' -> simple(message.read().string());
      case 'P' -> parse(message);
      case 'B' -> bind(message);
      case 'D' -> describe(message);
      case 'E' -> execute(message);
      case 'C' -> close(message);
      case 'H' -> settle();
      case 'S' -> sync();
      case 'F' -> refuse(Refusal.error("0A000", "unsupported function call protocol"));
      // Left over from a COPY that failed; the protocol says to ignore them.
      case 'd', 'c', 'f' -> {}
      default -> throw new ProtocolException("invalid frontend message type");
    }
  }

  private void parse(Message message) throws IOException {
    Message.Body body = message.read();
    String name = body.string();
    Command command = Dialect.read(Statement.of(body.string()));
    if (command instanceof Refused(Refusal refusal)) {
      refuse(refusal);
      return;
    }
    statements.put(name, command);
    if (command instanceof Pass) {
      forward(message);
    } else {
      answer(Message.PARSE_COMPLETE);
    }
  }

  private void bind(Message message) throws IOException {
    Message.Body body = message.read();
    String portal = body.string();
    Command command = statements.get(body.string());
    if (command == null || command instanceof Pass) {
      portals.remove(portal);
      forward(message);
    } else {
      portals.put(portal, command);
      answer(Message.BIND_COMPLETE);
    }
  }

  private void describe(Message message) throws IOException {
    Message.Body body = message.read();
    boolean statement = body.character() == 'S';
    String name = body.string();
    @Nullable Command command = statement ? statements.get(name) : portals.get(name);
    if (command instanceof AsyncIndex) {
      if (statement) {
        answer(Messages.noParameters());
      }
      answer(Messages.textColumn("job_id"));
    } else {
      forward(message);
    }
  }

  private void close(Message message) throws IOException {
    Message.Body body = message.read();
    if (body.character() == 'S') {
      statements.remove(body.string());
    } else {
      portals.remove(body.string());
    }
    forward(message);
  }

  private void execute(Message message) throws IOException {
    if (portals.get(message.read().string()) instanceof AsyncIndex index) {
      settle();
      if (!skipping) {
        buildIndex(index, false);
      }
    } else {
      forward(message);
      if (client.buffered() != 'S') {
        settle();
      }
    }
  }

  private void sync() throws IOException {
    server.write(Message.SYNC);
    readAnswers(true, false);
    skipping = false;
  }

  private void simple(String sql) throws IOException {
    List<Statement> script = Statement.split(sql);
    if (script.isEmpty()) {
      client.write(Message.EMPTY_QUERY);
    }
    for (Statement statement : script) {
      switch (Dialect.read(statement)) {
        case Refused(Refusal refusal) -> refuse(refusal);
        case AsyncIndex index -> buildIndex(index, true);
        case Pass(String text) -> {
          request(text, "");
          readAnswers(false, true);
        }
      }
      if (skipping) {
        break;
      }
    }
    server.write(Message.SYNC);
    readAnswers(true, true);
    skipping = false;
  }

  private void buildIndex(AsyncIndex index, boolean describe) throws IOException {
    String job = JobId.next(RANDOM);
    if (internal(index.sql())
        && internal(
            "SELECT sys.submit_index_job('%s', '%s')"
                .formatted(job, index.table().replace("'", "''")))) {
      if (describe) {
        client.write(Messages.textColumn("job_id"));
      }
      client.write(Messages.textRow(job)).write(Messages.commandComplete("CREATE INDEX"));
    }
  }

  // Runs the endpoint's own SQL in the client's transaction; an error goes to the client.
  private boolean internal(String sql) throws IOException {
    request(sql, INTERNAL);
    server.write(Message.FLUSH).flush();
    while (owed > 0) {
      Message message = server.read();
      if (message.type() == 'E') {
        fail(message);
        return false;
      }
      count(message);
    }
    return true;
  }

  private void request(String sql, String name) throws IOException {
    if (!name.isEmpty()) {
      forward(Message.of('C').character('S').string(name).end());
      forward(Message.of('C').character('P').string(name).end());
    }
    forward(Messages.parse(name, sql));
    forward(Messages.bind(name, name));
    forward(Messages.describePortal(name));
    forward(Messages.execute(name));
  }

  private void forward(Message message) throws IOException {
    server.write(message);
    owed++;
  }

  // The endpoint's own answer, after all of PostgreSQL's that come before it.
  private void answer(Message message) throws IOException {
    settle();
    if (!skipping) {
      client.write(message);
    }
  }

  private void settle() throws IOException {
    if (owed > 0) {
      server.write(Message.FLUSH);
      readAnswers(false, false);
    }
  }

  // Relays answers until none is owed or, if asked, until ReadyForQuery.
  private void readAnswers(boolean untilReady, boolean simple) throws IOException {
    if (!untilReady) {
      server.write(Message.FLUSH);
    }
    server.flush();
    while (untilReady || owed > 0) {
      Message message = server.read();
      switch (message.type()) {
        case 'Z' -> {
          status = message.read().character();
          owed = 0;
          client.write(message);
          return;
        }
        case 'E' -> fail(message);
        case 'G' -> {
          client.write(message);
          copyIn();
        }
        default -> {
          count(message);
          if (!simple || "123n".indexOf(message.type()) < 0) {
            client.write(message);
          }
        }
      }
    }
  }

  private void count(Message message) {
    if ("123TnCIs".indexOf(message.type()) >= 0) {
      owed--;
    }
  }

  private void fail(Message error) throws IOException {
    client.write(error);
    owed = 0;
    skipping = true;
  }

  // Hands the client's rows on until it says that it is done or has failed.
  private void copyIn() throws IOException {
    client.flush();
    while (true) {
      Message message = client.read();
      switch (message.type()) {
        case 'd' -> server.write(message);
        case 'c', 'f' -> {
          server.write(message).write(Message.FLUSH).flush();
          return;
        }
        case 'H', 'S' -> {}
        default -> throw new ProtocolException("unexpected message during COPY");
      }
    }
  }

  // An error of the endpoint's own. PostgreSQL must come to the same state: failed until Sync.
  private void refuse(Refusal refusal) throws IOException {
    settle();
    if (skipping) {
      return;
    }
    server.write(Messages.parse("", "refused by the endpoint")).write(Message.FLUSH).flush();
    Message error = server.read();
    while (error.type() != 'E') {
      error = server.read();
    }
    // In a failed transaction PostgreSQL says so, which comes before any refusal.
    fail(status == 'E' ? error : refusal.toMessage());
  }
}
