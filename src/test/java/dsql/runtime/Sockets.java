package dsql.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The sockets of a process, as Linux tells them.
final class Sockets {
  private static final Pattern INODE = Pattern.compile("socket:\\[(\\d+)\\]");

  private Sockets() {}

  /// The remote port of each socket that the process has open; zero where there is none. Sockets of
  /// the local system alone (pairs, netlink) are left out.
  static List<Integer> remotePorts(long pid) {
    return ports(pid, 2);
  }

  /// The local port of each.
  static List<Integer> localPorts(long pid) {
    return ports(pid, 1);
  }

  private static List<Integer> ports(long pid, int column) {
    Path process = Path.of("/proc", Long.toString(pid));
    Map<String, Integer> ports = new HashMap<>();
    try {
      for (String table : List.of("net/tcp", "net/tcp6")) {
        Files.readAllLines(process.resolve(table)).stream()
            .skip(1)
            .map(line -> line.strip().split("\\s+"))
            .forEach(fields ->
                ports.put(
                    fields[9],
                    Integer.parseInt(
                        fields[column].substring(fields[column].indexOf(':') + 1), 16)));
      }
      return open(process).stream().filter(ports::containsKey).map(ports::get).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> open(Path process) throws IOException {
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      return descriptors.flatMap(Sockets::inode).toList();
    }
  }

  private static Stream<String> inode(Path descriptor) {
    try {
      Matcher socket = INODE.matcher(Files.readSymbolicLink(descriptor).toString());
      return socket.matches() ? Stream.of(socket.group(1)) : Stream.empty();
    } catch (IOException _) {
      // Closed since it was listed.
      return Stream.empty();
    }
  }
}
