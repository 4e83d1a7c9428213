package dsql.local.session;

import dsql.local.wire.Channel;
import java.util.Map;

/// A client that has finished its handshake and said who it is: its startup parameters in order.
record StartupRequest(
    Channel channel, Map<String, String> parameters, String sniHost, boolean directTls) {

  String user() {
    return parameters.getOrDefault("user", "");
  }

  String database() {
    return parameters.getOrDefault("database", user());
  }
}
