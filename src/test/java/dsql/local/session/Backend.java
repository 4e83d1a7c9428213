package dsql.local.session;

import dsql.local.wire.Channel;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A session's own connection to PostgreSQL, spoken to in the extended protocol only.
///
/// Requests are queued; each owes one answer. [#settle] flushes and reads all that is owed, and
/// stops at an error, after which PostgreSQL ignores everything up to the [#sync] that must follow.
/// Used by one thread at a time, the one that holds the session's turn.
final class Backend implements Closeable {
  private static final int VERSION = 3 << 16;
  private static final String ANSWERS = "123TnCIs";
  private static final Duration FIRST_PATIENCE = Duration.ofMillis(10);
  private static final Duration LONGEST_PATIENCE = Duration.ofMillis(160);

  /// The name of the statement and portal of the endpoint's own requests.
  private static final String OWN = "local dsql";

  /// What of an answer the client sees.
  enum Show {
    ALL,
    /// Rows and completions, as in answer to a simple query.
    RESULTS,
    NOTHING
  }

  /// Who gets what is to be seen.
  interface Sink {
    void accept(Message message) throws IOException;

    /// PostgreSQL waits for rows of a COPY.
    default void copyIn() throws IOException {
      throw new IllegalStateException("no COPY expected");
    }
  }

  /// Told again and again while no answer comes.
  interface Stall {
    void waiting(Duration soFar) throws IOException;
  }

  final List<Message> greeting;
  private final Channel channel;
  private final Queue<Show> owed = new ArrayDeque<>();
  private int pid;
  private char status = 'I';
  private boolean failed;

  private Backend(Channel channel, List<Message> greeting) throws IOException {
    this.channel = channel;
    this.greeting = List.copyOf(greeting);
    for (Message message : greeting) {
      if (message.type() == 'K') {
        pid = message.read().int32();
      }
    }
  }

  /// Logs in as the client's user, with the client's startup parameters.
  static Backend open(Cluster cluster, StartupRequest request) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), cluster.postgresPort);
    try {
      socket.setTcpNoDelay(true);
      Channel channel = new Channel(socket, Integer.MAX_VALUE);
      Message.Builder startup = Message.of('\0').int32(VERSION);
      for (Map.Entry<String, String> parameter : request.parameters().entrySet()) {
        startup.string(parameter.getKey()).string(parameter.getValue());
      }
      channel.writeStartup(startup.character('\0').end()).flush();
      return new Backend(channel, greeting(channel));
    } catch (IOException | RuntimeException e) {
      try (socket) {
        throw e;
      }
    }
  }

  // Everything up to the first ReadyForQuery; what follows the password is for the client, too.
  private static List<Message> greeting(Channel channel) throws IOException {
    List<Message> greeting = new ArrayList<>();
    while (true) {
      Message message = channel.read();
      if (message.type() == 'E') {
        throw new BackendRefusedException(message);
      }
      greeting.add(message);
      if (message.type() == 'Z') {
        return greeting;
      }
    }
  }

  int pid() {
    return pid;
  }

  /// The state of the transaction at the last sync: idle `I`, open `T` or failed `E`.
  char status() {
    return status;
  }

  /// Queues a request that owes one answer.
  void request(Message message, Show show) throws IOException {
    channel.write(message);
    owed.add(show);
  }

  /// Queues rows of a COPY.
  void copyData(Message message) throws IOException {
    channel.write(message);
  }

  /// Reads all that is owed; the error that cut it short, or null.
  @Nullable Message settle(Sink sink, Stall stall) throws IOException {
    if (owed.isEmpty()) {
      return null;
    }
    channel.write(Message.FLUSH).flush();
    while (!owed.isEmpty()) {
      Message message = next(stall);
      if (message.type() == 'E') {
        owed.clear();
        failed = true;
        return message;
      }
      deliver(message, sink);
    }
    return null;
  }

  /// Ends the pipeline, and the transaction if it is implicit; the error met on the way, or null.
  @Nullable Message sync(Sink sink, Stall stall) throws IOException {
    channel.write(Message.SYNC).flush();
    Message error = null;
    while (true) {
      Message message = next(stall);
      switch (message.type()) {
        case 'Z' -> {
          status = message.read().character();
          owed.clear();
          failed = false;
          return error;
        }
        case 'E' -> {
          error = message;
          owed.clear();
        }
        default -> deliver(message, sink);
      }
    }
  }

  /// Runs the endpoint's own SQL in the transaction as it is; the error, or null.
  @Nullable Message run(String sql, Sink sink, Stall stall) throws IOException {
    return run(Messages.parse("", sql), Messages.bind("", ""), sql, sink, stall);
  }

  /// Queues the endpoint's own SQL.
  void queue(String sql) throws IOException {
    queue(Messages.parse("", sql), Messages.bind("", ""), sql, Show.NOTHING);
  }

  /// Runs another text in place of a client's, with the client's parameters; shows its results.
  @Nullable Message run(Message parse, Message bind, String sql, Sink sink, Stall stall)
      throws IOException {
    queue(parse, bind, sql, Show.RESULTS);
    return settle(sink, stall);
  }

  private void queue(Message parse, Message bind, String sql, Show show) throws IOException {
    request(Messages.closePortal(OWN), Show.NOTHING);
    request(Messages.closeStatement(OWN), Show.NOTHING);
    request(Messages.reparse(parse, OWN, sql), Show.NOTHING);
    request(Messages.rebind(bind, OWN, OWN), Show.NOTHING);
    request(Messages.execute(OWN), show);
  }

  /// Brings PostgreSQL to the state it would be in had it refused a statement itself.
  void fail(Stall stall) throws IOException {
    if (!failed) {
      request(Messages.parse("", "refused by the endpoint"), Show.NOTHING);
      settle(_ -> {}, stall);
    }
  }

  private void deliver(Message message, Sink sink) throws IOException {
    Show show = owed.isEmpty() ? Show.ALL : owed.element();
    if (ANSWERS.indexOf(message.type()) >= 0) {
      owed.poll();
    }
    boolean seen =
        switch (show) {
          case ALL -> true;
          case RESULTS -> "123n".indexOf(message.type()) < 0;
          case NOTHING -> false;
        };
    if (seen) {
      sink.accept(message);
    }
    if (message.type() == 'G') {
      sink.copyIn();
      channel.write(Message.FLUSH).flush();
    }
  }

  private Message next(Stall stall) throws IOException {
    Duration patience = FIRST_PATIENCE;
    Duration waited = Duration.ZERO;
    while (!channel.await(patience)) {
      waited = waited.plus(patience);
      stall.waiting(waited);
      if (patience.compareTo(LONGEST_PATIENCE) < 0) {
        patience = patience.multipliedBy(2);
      }
    }
    return channel.read();
  }

  /// Ends the connection under whoever waits for it; from any thread.
  void abandon() throws IOException {
    channel.close();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      channel.write(Message.TERMINATE).flush();
    }
  }
}
