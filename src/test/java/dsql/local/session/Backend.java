package dsql.local.session;

import dsql.local.wire.Channel;
import dsql.local.wire.Message;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A session's own connection to PostgreSQL. Confined to the session's thread, except [#close()].
final class Backend implements Closeable {
  private static final int VERSION = 3 << 16;

  final Channel channel;
  final List<Message> greeting;

  private Backend(Channel channel, List<Message> greeting) {
    this.channel = channel;
    this.greeting = List.copyOf(greeting);
  }

  /// Logs in as the client's user, with the client's startup parameters.
  static Backend open(Cluster cluster, Arrival arrival) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), cluster.postgresPort);
    try {
      socket.setTcpNoDelay(true);
      Channel channel = new Channel(socket, Integer.MAX_VALUE);
      Message.Builder startup = Message.of('\0').int32(VERSION);
      for (Map.Entry<String, String> parameter : arrival.parameters().entrySet()) {
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

  @Override
  public void close() throws IOException {
    try (channel) {
      channel.write(Message.TERMINATE).flush();
    }
  }
}
