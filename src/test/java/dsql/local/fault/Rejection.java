package dsql.local.fault;

import dsql.local.wire.Refusal;

/// The ways a cluster turns a connection away before it looks at the token.
public enum Rejection {
  TOO_MANY("53300", "Unable to accept connection, too many open connections."),
  RATE("53400", "Unable to accept connection, rate exceeded."),
  WAKING_UP("08006", "unable to accept connection, waking up cluster, please retry later");

  private final String sqlState;
  private final String message;

  Rejection(String sqlState, String message) {
    this.sqlState = sqlState;
    this.message = message;
  }

  public Refusal refusal() {
    return Refusal.fatal(sqlState, message);
  }
}
