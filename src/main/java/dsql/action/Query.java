package dsql.action;

import java.util.List;
import java.util.Optional;

/// Reads rows of one table.
///
/// @param select the columns to answer; empty for all
/// @param where which rows; empty for all
/// @param orderBy the leading order; the primary key is appended
/// @param limit rows at most, 1 to 10,000
public record Query(
    Identifier table,
    List<Identifier> select,
    Optional<Filter> where,
    List<Order> orderBy,
    int limit)
    implements Request {

  /// Rows of a page when the request names no limit.
  public static final int DEFAULT_LIMIT = 100;

  /// Rows of a page at most.
  public static final int MAX_LIMIT = 10_000;

  public Query {
    select = List.copyOf(select);
    orderBy = List.copyOf(orderBy);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit is 1 to " + MAX_LIMIT + ": " + limit);
    }
  }

  /// Where NULL sorts.
  public enum Nulls {
    FIRST,
    LAST
  }

  /// One term of an order.
  ///
  /// @param nulls empty for PostgreSQL's own: last when ascending, first when descending
  public record Order(Identifier column, boolean descending, Optional<Nulls> nulls) {}
}
