package dsql.action;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads rows of one table.
///
/// @param select what to return of each row; empty for all columns
/// @param where which rows to return; empty for all
/// @param groupBy the columns whose distinct values make the groups of an aggregated query; empty
///   for one group of all rows
/// @param having which groups to return; empty for all. It names what `orderBy` may name
/// @param orderBy the leading order; the columns of `key` and of the primary key, or the groups'
///   remaining columns, are appended. In an aggregated query it names selected aggregates and
///   columns of `groupBy`
/// @param key columns that, as the caller says, no two rows have the same values in
/// @param limit the maximum number of rows, 1 to 10,000
/// @param cursor where the previous page ended; empty for the first page
/// @param total whether to count all rows that the filter selects
public record Query(
    Identifier table,
    List<Selected> select,
    Optional<Filter> where,
    List<Identifier> groupBy,
    Optional<Filter> having,
    List<Order> orderBy,
    List<Identifier> key,
    int limit,
    Optional<String> cursor,
    boolean total)
    implements Request {

  /// Rows of a page when the request names no limit.
  public static final int DEFAULT_LIMIT = 100;

  /// The largest limit on a page's rows that a request may set.
  public static final int MAX_LIMIT = 10_000;

  /// Limit on the members that `select` may name. PostgreSQL allows 1,664 columns in a result, and
  /// the order may add 64: those of `orderBy` and of the key.
  public static final int MAX_SELECTED = 1_600;

  /// Limit on the terms of `orderBy` and on the columns of `groupBy`.
  public static final int MAX_TERMS = 32;

  public Query {
    select = List.copyOf(select);
    groupBy = List.copyOf(groupBy);
    orderBy = List.copyOf(orderBy);
    key = List.copyOf(key);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit is 1 to " + MAX_LIMIT + ": " + limit);
    }
  }

  /// Whether its rows are groups rather than rows of the table.
  public boolean aggregated() {
    return aggregates(select, groupBy);
  }

  /// Whether the rows of a query with such parts are groups.
  public static boolean aggregates(List<Selected> select, List<Identifier> groupBy) {
    return !groupBy.isEmpty() || select.stream().anyMatch(Selected.Aggregate.class::isInstance);
  }

  /// A place in the request that reads a member of a document as another type than text, which
  /// fails if the member does not fit that type.
  public record Cast(String pointer, MemberType type) {}

  /// All such places.
  public List<Cast> casts() {
    List<Cast> casts = new ArrayList<>();
    for (Selected selected : select) {
      switch (selected) {
        case Selected.Plain plain -> cast(plain.operand(), plain.at(), casts);
        case Selected.Aggregate it -> it.operand().ifPresent(of -> cast(of, it.at(), casts));
      }
    }
    where.ifPresent(
        filter -> filter.conditions().forEach(one -> cast(one.operand(), one.pointer(), casts)));
    orderBy.forEach(order -> cast(order.operand(), order.at(), casts));
    return casts;
  }

  private static void cast(Operand operand, String pointer, List<Cast> casts) {
    if (operand.member().isPresent() && operand.member().get().type() != MemberType.TEXT) {
      casts.add(new Cast(pointer, operand.member().get().type()));
    }
  }

  /// Where NULL sorts.
  public enum Nulls {
    FIRST,
    LAST
  }

  /// One term of an order.
  ///
  /// @param operand a column of the table, a member of its documents, or an aggregate's name
  /// @param nulls empty for PostgreSQL's own: last when ascending, first when descending
  /// @param at where the request names the column
  public record Order(Operand operand, boolean descending, Optional<Nulls> nulls, String at) {}
}
