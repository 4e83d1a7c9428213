package dsql.action;

/// One action on one table of the configured schema. Immutable; safe for concurrent use.
public sealed interface Request permits Create, Insert, Query {

  /// The table of the idempotency keys, which no request may name.
  Identifier LEDGER = new Identifier("dsql_ledger");

  /// The table, without its schema.
  Identifier table();

  /// Which action this is.
  default ActionName action() {
    return switch (this) {
      case Create _ -> ActionName.CREATE;
      case Insert _ -> ActionName.INSERT;
      case Query _ -> ActionName.QUERY;
    };
  }
}
