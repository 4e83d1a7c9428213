package dsql.model;

/// The models that are explored whole.
enum Exploration {
  /// One transaction.
  WHOLE,
  /// Four chunks of one row.
  CHUNKS,
  /// Four rows in chunks of two, of which the first is refused as too large.
  HALVED,
  /// The same with a third sender.
  FULL;

  Scope scope() {
    return switch (this) {
      case WHOLE -> Scope.whole(3).with(2, 1, 1, 1);
      case CHUNKS -> Scope.chunks(4, 2).with(2, 1, 1, 1);
      case HALVED -> Scope.halved(4, 2).with(2, 1, 1, 1);
      case FULL -> Scope.halved(4, 3).with(2, 1, 1, 1);
    };
  }
}
