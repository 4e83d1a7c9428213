package dsql.action;

/// Rows as the JSON array of the reply. They are encoded while they are read, so that no row is
/// kept as an object. Immutable.
public final class Rows {

  private final byte[] json;
  private final int count;

  /// @param json an array with `count` elements, in UTF-8; the caller keeps no reference to it
  public Rows(byte[] json, int count) {
    this.json = json;
    this.count = count;
  }

  /// The array's text. It is not a copy and must not be changed.
  public byte[] json() {
    return json;
  }

  public int count() {
    return count;
  }
}
