package dsql.local.auth;

/// The IAM action a token is signed for.
public enum Action {
  DbConnect,
  DbConnectAdmin;

  /// The one action that lets this user in.
  public static Action of(String user) {
    return user.equals("admin") ? DbConnectAdmin : DbConnect;
  }
}
