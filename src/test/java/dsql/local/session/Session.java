package dsql.local.session;

import dsql.local.session.Backend.Show;
import dsql.local.session.Backend.Sink;
import dsql.local.session.Portal.Prepared;
import dsql.local.sql.CatalogAnswers;
import dsql.local.sql.Command;
import dsql.local.sql.Command.IamMapping;
import dsql.local.sql.Command.Job;
import dsql.local.sql.Command.Refused;
import dsql.local.sql.Dialect;
import dsql.local.sql.Statement;
import dsql.local.wire.Channel;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import dsql.local.wire.ProtocolException;
import dsql.local.wire.Refusal;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
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
///
/// The session has its *turn* from the first message of a pipeline to the answer of its Sync.
/// Between turns another session may displace its transaction.
final class Session {
  private static final Duration LIFE = Duration.ofMinutes(60);
  private static final String ORDER = "dsql:";
  private static final Refusal LIFE_OVER =
      Refusal.fatal("57P01", "terminating connection due to its age");

  private final Cluster cluster;
  private final Channel client;
  private final Backend backend;
  private final Closeable line;
  private final Tap.Line tap;
  private final Executor executor;
  private final Instant began;
  private final ReentrantLock turn = new ReentrantLock();
  private final Map<String, Prepared> statements = new HashMap<>();
  private final Map<String, Portal> portals = new HashMap<>();
  private final Sink sink = new ClientSink();
  private boolean skipping;

  Session(Cluster cluster, Channel client, Backend backend, Closeable line, Tap.Line tap) {
    this.cluster = cluster;
    this.client = client;
    this.backend = backend;
    this.line = line;
    this.tap = tap;
    this.began = cluster.clock.instant();
    this.executor = new Executor(cluster, backend, sink, new LockWaits(cluster, backend), line);
  }

  void run() throws IOException {
    for (Message message : backend.greeting) {
      client.write(message);
    }
    try {
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
        tap.received(message);
        if (message.type() == 'X' || (!turn.isHeldByCurrentThread() && tooOld())) {
          return;
        }
        cluster.faults.hold();
        turn.lock();
        try {
          handle(message);
        } finally {
          release(message.type());
        }
        if (message.type() == 'Q' || message.type() == 'S') {
          cluster.faults.pause();
        }
      }
    } finally {
      while (turn.isHeldByCurrentThread()) {
        turn.unlock();
      }
    }
  }

  // A turn is locked once per message and given up whole when the pipeline is over.
  private void release(char type) {
    if (type == 'Q' || type == 'S') {
      while (turn.isHeldByCurrentThread()) {
        turn.unlock();
      }
    }
  }

  /// Takes this session's transaction out of another's way, unless it is having its turn.
  void displace() throws IOException {
    if (turn.tryLock()) {
      try {
        if (executor.inTransaction() && backend.status() == 'T') {
          executor.contention().displace();
        }
      } finally {
        turn.unlock();
      }
    }
  }

  boolean hasDdl() {
    return executor.contention().hasDdl();
  }

  // A transaction begun before the end of the connection's life may still be finished.
  private boolean tooOld() throws IOException {
    boolean over =
        !executor.inTransaction()
            && Duration.between(began, cluster.clock.instant()).compareTo(LIFE) > 0;
    if (over) {
      if (cluster.faults.answers().lifeEndsWithWords()) {
        client.write(LIFE_OVER.toMessage()).flush();
      }
      line.close();
    }
    return over;
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
      case 'H' -> report(backend.settle(sink, _ -> {}));
      case 'S' -> finish();
      case 'F' ->
          report(executor.refuse(Refusal.error("0A000", "unsupported function call protocol")));
      // Left over from a COPY that failed; the protocol says to ignore them.
      case 'd', 'c', 'f' -> {}
      default -> throw new ProtocolException("invalid frontend message type");
    }
  }

  private void parse(Message message) throws IOException {
    Message.Body body = message.read();
    String name = body.string();
    Statement statement = redirected(Statement.of(body.string()));
    Command command = read(statement);
    if (command instanceof Refused(Refusal refusal) && !failedTransaction()) {
      report(executor.refuse(refusal));
      return;
    }
    statements.put(name, new Prepared(statement, command, message));
    if (isOwn(command)) {
      answer(Message.PARSE_COMPLETE);
    } else {
      backend.request(Messages.reparse(message, name, textOf(statement, command)), Show.ALL);
    }
  }

  private void bind(Message message) throws IOException {
    Message.Body body = message.read();
    String portal = body.string();
    Prepared prepared = statements.get(body.string());
    if (prepared != null) {
      portals.put(portal, new Portal(portal, prepared, message, false));
    }
    if (prepared != null && isOwn(prepared.command())) {
      answer(Message.BIND_COMPLETE);
    } else {
      backend.request(message, Show.ALL);
    }
  }

  private void describe(Message message) throws IOException {
    Message.Body body = message.read();
    boolean ofStatement = body.character() == 'S';
    String name = body.string();
    Command command =
        ofStatement
            ? commandOf(statements.get(name))
            : portals.containsKey(name) ? portals.get(name).command() : null;
    if (command == null || !isOwn(command)) {
      backend.request(message, Show.ALL);
      return;
    }
    if (ofStatement) {
      answer(Messages.noParameters());
    }
    answer(command instanceof Job job ? Jobs.description(job, cluster) : Message.NO_DATA);
  }

  private static @Nullable Command commandOf(@Nullable Prepared prepared) {
    return prepared == null ? null : prepared.command();
  }

  private void close(Message message) throws IOException {
    Message.Body body = message.read();
    if (body.character() == 'S') {
      statements.remove(body.string());
    } else {
      portals.remove(body.string());
    }
    backend.request(message, Show.ALL);
  }

  private void execute(Message message) throws IOException {
    Message.Body body = message.read();
    Portal portal = portals.get(body.string());
    if (portal == null) {
      backend.request(message, Show.ALL);
    } else {
      report(executor.execute(portal, body.int32(), client.buffered() == 'S'));
    }
  }

  private void simple(String sql) throws IOException {
    List<Statement> script = Statement.split(sql);
    if (script.isEmpty()) {
      client.write(Message.EMPTY_QUERY);
    }
    for (Statement written : script) {
      Statement statement = redirected(written);
      Command command = read(statement);
      if (command instanceof Refused(Refusal refusal) && !failedTransaction()) {
        report(executor.refuse(refusal));
      } else {
        simple(statement, command);
      }
      if (skipping) {
        break;
      }
    }
    finish();
  }

  private void simple(Statement statement, Command command) throws IOException {
    Message parse = Messages.parse("", textOf(statement, command));
    Message bind = Messages.bind("", "");
    if (!isOwn(command)) {
      backend.request(parse, Show.RESULTS);
      backend.request(bind, Show.RESULTS);
      backend.request(Messages.describePortal(""), Show.RESULTS);
    }
    Portal portal = new Portal("", new Prepared(statement, command, parse), bind, true);
    report(executor.execute(portal, 0, false));
  }

  private Statement redirected(Statement statement) {
    return cluster.serviceCatalogs ? CatalogAnswers.redirect(statement) : statement;
  }

  private static String textOf(Statement statement, Command command) {
    return switch (command) {
      case Command.Pass(String sql, _) -> sql;
      case Command.Checked(String sql, _) -> sql;
      default -> statement.text();
    };
  }

  private void finish() throws IOException {
    tell(executor.sync());
    client.write(Messages.readyForQuery(backend.status()));
    skipping = false;
  }

  // In a failed transaction even what is refused gets PostgreSQL's 25P02.
  private boolean failedTransaction() {
    return backend.status() == 'E' && executor.inTransaction();
  }

  /// Does the endpoint do it without PostgreSQL ever parsing it?
  private static boolean isOwn(Command command) {
    return command instanceof Job || command instanceof IamMapping;
  }

  // The endpoint's own answer, after all of PostgreSQL's that come before it.
  private void answer(Message message) throws IOException {
    report(backend.settle(sink, _ -> {}));
    if (!skipping) {
      client.write(message);
    }
  }

  private void report(@Nullable Message error) throws IOException {
    tell(error);
    skipping |= error != null;
  }

  private void tell(@Nullable Message error) throws IOException {
    if (error != null) {
      client.write(cluster.faults.answers().nameless() ? Messages.nameless(error) : error);
    }
  }

  // Orders of faults in its comments come first.
  private Command read(Statement statement) {
    try {
      for (String comment : statement.comments()) {
        if (comment.startsWith(ORDER)) {
          cluster.faults.order(comment.substring(ORDER.length()));
        }
      }
    } catch (IllegalArgumentException e) {
      return new Refused(Refusal.error("22023", String.valueOf(e.getMessage())));
    }
    return Dialect.read(statement);
  }

  private final class ClientSink implements Sink {
    @Override
    public void accept(Message message) throws IOException {
      client.write(message);
    }

    // Hands the client's rows on until it says that it is done or has failed.
    @Override
    public void copyIn() throws IOException {
      client.flush();
      while (true) {
        Message message = client.read();
        switch (message.type()) {
          case 'd' -> {
            executor.countBytes(message.length());
            backend.copyData(message);
          }
          case 'c', 'f' -> {
            backend.copyData(message);
            return;
          }
          case 'H', 'S' -> {}
          default -> throw new ProtocolException("unexpected message during COPY");
        }
      }
    }
  }
}
