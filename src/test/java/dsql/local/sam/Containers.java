package dsql.local.sam;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/// How containers of this machine reach a server outside of them.
public final class Containers {
  /// What a container calls the machine that it runs on: by itself in Docker Desktop, elsewhere by
  /// an option of the container.
  public static final String HOST = "host.docker.internal";

  private static final String BRIDGE = "docker0";

  private Containers() {}

  /// The addresses that a server has to listen on.
  ///
  /// In Docker Desktop and its like a container's calls arrive at the loopback address. Docker on
  /// Linux has a bridge, whose own address it gives to containers as the machine's. Where Linux has
  /// no such bridge (rootless Docker, Podman, an engine in another machine) there is no telling, so
  /// it is every address.
  ///
  /// @param chosen an address besides the loopback address, or nothing
  public static List<InetAddress> addresses(String chosen) throws IOException {
    List<InetAddress> addresses = new ArrayList<>();
    addresses.add(InetAddress.getLoopbackAddress());
    if (!chosen.isEmpty()) {
      addresses.add(ofThisMachine(chosen));
    } else if (System.getProperty("os.name").startsWith("Linux")) {
      NetworkInterface bridge = NetworkInterface.getByName(BRIDGE);
      addresses.addAll(bridge == null ? List.of(any()) : addressesOf(bridge));
    }
    // One for all would be in the way of the others.
    return addresses.stream().anyMatch(InetAddress::isAnyLocalAddress)
        ? List.of(any())
        : addresses.stream().distinct().toList();
  }

  private static InetAddress ofThisMachine(String chosen) throws IOException {
    try {
      InetAddress address = InetAddress.getByName(chosen);
      if (address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null) {
        return address;
      }
    } catch (UnknownHostException e) {
      throw new IOException("sam.bind is an address of this machine, not '" + chosen + "'", e);
    }
    throw new IOException("sam.bind is an address of this machine, not '" + chosen + "'");
  }

  private static List<InetAddress> addressesOf(NetworkInterface bridge) {
    return bridge.inetAddresses().filter(Inet4Address.class::isInstance).toList();
  }

  private static InetAddress any() throws IOException {
    return InetAddress.getByAddress(new byte[4]);
  }
}
