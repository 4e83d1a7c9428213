package dsql.action;

/// The types that a member of a JSON document can be read as.
public enum MemberType {
  TEXT,
  INTEGER,
  BIGINT,
  NUMERIC,
  BOOLEAN,
  DATE,
  TIMESTAMPTZ,
  UUID;

  /// The same type as that of a column.
  public ColumnType columnType() {
    return ColumnType.ofCatalog(ColumnType.Base.valueOf(name()).sqlName());
  }
}
