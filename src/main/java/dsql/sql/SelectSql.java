package dsql.sql;

import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.action.Result.ColumnHead;
import dsql.sql.Ordering.Range;
import dsql.sql.Ordering.Term;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The SELECT statements of a query, each of which continues where the previous one ended. Confined
/// to one invocation.
public final class SelectSql {

  private final TableShape shape;
  private final Projection projection;
  private final List<ColumnHead> columns;
  private final Ordering ordering;
  private final String select;
  private final Optional<Sql> filter;
  private final String groups;
  private final List<Integer> positionColumns;
  private final boolean pageable;
  private final OptionalInt maxCursor;
  private final Optional<Position> start;
  private @Nullable Cursor cursor;

  /// The statements of the query on a table with that shape.
  ///
  /// @throws InvalidRequest if a column is unknown or a value does not fit its column
  /// @throws Failure if its cursor belongs to another query
  public static SelectSql of(Query query, TableShape shape) {
    Faults faults = new Faults();
    Projection projection = Projection.of(query, shape, faults);
    Optional<Sql> filter = query.where().map(where -> FilterSql.of(where, shape, faults));
    List<Term> terms = new Terms(query, shape, projection, faults).all();
    faults.throwIfAny();
    return new SelectSql(query, shape, projection, filter, new Ordering(terms));
  }

  private SelectSql(
      Query query,
      TableShape shape,
      Projection projection,
      Optional<Sql> filter,
      Ordering ordering) {
    this.shape = shape;
    this.projection = projection;
    this.columns = projection.heads();
    this.filter = filter;
    this.ordering = ordering;
    List<String> outputs = new ArrayList<>(projection.sql());
    this.positionColumns = positionColumns(projection, ordering, outputs);
    this.select =
        "SELECT "
            + String.join(", ", outputs)
            + " FROM "
            + shape.qualified()
            + " AS "
            + Projection.ALIAS;
    List<String> groupBy = query.groupBy().stream().map(Projection::column).toList();
    this.groups = groupBy.isEmpty() ? "" : " GROUP BY " + String.join(", ", groupBy);
    this.pageable =
        !ordering.terms().isEmpty() && (query.aggregated() || !shape.primaryKey().isEmpty());
    this.maxCursor = maxCursor(ordering);
    if (query.cursor().isPresent() && !pageable) {
      throw Cursor.mismatch();
    }
    this.start =
        query.cursor().isEmpty()
            ? Optional.empty()
            : Optional.of(cursor().decode(query.cursor().get(), ordering.terms().size()));
  }

  /// Created on demand: a digest costs time, and most queries need no second page.
  private Cursor cursor() {
    Cursor made = cursor;
    if (made == null) {
      made = new Cursor(boundTo());
      cursor = made;
    }
    return made;
  }

  private List<String> boundTo() {
    List<String> parts = new ArrayList<>();
    parts.add(shape.qualified());
    parts.add(groups);
    parts.add(ordering.sql());
    filter.ifPresent(sql -> {
      parts.add(sql.text());
      sql.parameters().forEach(parameter -> parts.add(text(parameter)));
    });
    return parts;
  }

  private static String text(Parameter parameter) {
    return switch (parameter) {
      case Parameter.Null _ -> "null";
      case Parameter.Text(String value) -> '=' + value;
      case Parameter.Typed(String value, String _) -> '=' + value;
      case Parameter.Bytes bytes -> HexFormat.of().formatHex(bytes.value());
    };
  }

  /// The result column of each term of the order; terms that are not selected are appended.
  private static List<Integer> positionColumns(
      Projection projection, Ordering ordering, List<String> outputs) {
    List<Integer> columns = new ArrayList<>();
    for (Term term : ordering.terms()) {
      int selected = projection.indexOf(term.expression());
      if (selected < 0) {
        outputs.add(term.expression());
        selected = outputs.size() - 1;
      }
      columns.add(selected + 1);
    }
    return List.copyOf(columns);
  }

  /// The columns for the caller, in order; the result may have more, which only hold the position.
  public List<ColumnHead> columns() {
    return columns;
  }

  /// The number of result columns, including those that only hold the position.
  public int width() {
    int width = projection.outputs().size();
    for (int column : positionColumns) {
      width = Math.max(width, column);
    }
    return width;
  }

  /// The numbers, from 1, of the result columns that hold a row's position.
  public List<Integer> positionColumns() {
    return positionColumns;
  }

  /// The text that all its statements have in common: the columns and the table.
  public String source() {
    return select;
  }

  /// Whether a page can continue where another ended, which needs a total order.
  public boolean pageable() {
    return pageable;
  }

  /// The problem of rows that do not fit into one page when there cannot be a second one.
  public static InvalidRequest noSecondPage() {
    return new InvalidRequest(
        List.of(
            new Fault(
                "/table",
                Fault.Code.INVALID_VALUE,
                "there are more rows than this page holds, but no next page, because its order needs a"
                    + " primary key, which the table lacks: raise the limit (10,000 at most), narrow"
                    + " \"where\", aggregate, or create a table with \"primaryKey\" and copy the"
                    + " rows")));
  }

  /// The position in the query's own cursor; empty if it has none.
  public Optional<Position> start() {
    return start;
  }

  /// The cursor of the page that follows a position.
  public String cursor(Position position) {
    return cursor().encode(position);
  }

  /// The maximum length of a cursor; empty if its position may hold text of any length.
  public OptionalInt maxCursor() {
    return maxCursor;
  }

  private static OptionalInt maxCursor(Ordering ordering) {
    int length = 64;
    for (Term term : ordering.terms()) {
      if (term.type().maxTextLength().isEmpty()) {
        return OptionalInt.empty();
      }
      // At most six bytes for a character, in base64, plus the quotes and the separator of the
      // value.
      length += 8 * term.type().maxTextLength().getAsInt() + 8;
    }
    return OptionalInt.of(length);
  }

  /// Whether a page may be read as two ranges.
  public boolean mayGoInPieces() {
    return groups.isEmpty() && ordering.mayHavePieces();
  }

  /// The statement that reads the next rows.
  ///
  /// @param after the position that they follow; empty to read from the beginning
  /// @param limit the maximum number of rows
  /// @param pieces whether to read them as two ranges if an index can then serve each
  public Sql page(Optional<Position> after, int limit, boolean pieces) {
    List<Parameter> parameters = new ArrayList<>();
    // No index orders an aggregate.
    List<Range> ranges =
        pieces && mayGoInPieces() ? ordering.ranges(after) : List.of(ordering.whole(after));
    if (ranges.size() == 1) {
      return new Sql(statement(ranges.getFirst(), limit, parameters), parameters);
    }
    String text =
        ranges.stream()
            .map(range -> '(' + statement(range, limit, parameters) + ')')
            .collect(Collectors.joining(" UNION ALL "));
    // Each range is in order, but UNION does not promise which of them comes first.
    return new Sql(
        limited(
            "SELECT * FROM (" + text + ") AS pieces ORDER BY " + ordering.byNumber(positionColumns),
            limit,
            parameters),
        parameters);
  }

  private String statement(Range range, int limit, List<Parameter> parameters) {
    StringBuilder text = new StringBuilder(select);
    String word = " WHERE ";
    if (filter.isPresent()) {
      text.append(word).append('(').append(filter.get().text()).append(')');
      parameters.addAll(filter.get().parameters());
      word = " AND ";
    }
    String condition = range.condition().text();
    boolean having = ordering.hasAggregates();
    if (!condition.isEmpty() && !having) {
      text.append(word).append(condition);
    }
    text.append(groups);
    if (!condition.isEmpty() && having) {
      text.append(" HAVING ").append(condition);
    }
    parameters.addAll(range.condition().parameters());
    if (!range.order().isEmpty()) {
      text.append(" ORDER BY ").append(range.order());
    }
    return limited(text.toString(), limit, parameters);
  }

  private static String limited(String text, int limit, List<Parameter> parameters) {
    parameters.add(Parameter.bigint(limit));
    return text + " LIMIT ?";
  }

  /// Makes the requested order total.
  private record Terms(Query query, TableShape shape, Projection projection, Faults faults) {

    private List<Term> all() {
      if (query.aggregated() && query.groupBy().isEmpty()) {
        return List.of();
      }
      List<Identifier> key = query.aggregated() ? groups() : shape.primaryKey();
      List<Term> terms = new ArrayList<>();
      Set<Identifier> missing = new HashSet<>(key);
      for (int i = 0; i < query.orderBy().size(); i++) {
        Order order = query.orderBy().get(i);
        Optional<Term> term = term(order, order.at());
        // Terms after a complete key are dropped, because no two rows are equal by then.
        if (!missing.isEmpty() || key.isEmpty()) {
          term.ifPresent(terms::add);
        }
        if (term.isPresent() && !term.get().aggregate()) {
          missing.remove(order.column());
        }
      }
      for (Identifier column : key) {
        if (missing.contains(column)) {
          shape.column(column).map(known -> term(known, false, false)).ifPresent(terms::add);
        }
      }
      return terms;
    }

    private List<Identifier> groups() {
      for (int i = 0; i < query.groupBy().size(); i++) {
        orderable(query.groupBy().get(i), Faults.at("/groupBy", i));
      }
      return query.groupBy();
    }

    private Optional<Term> term(Order order, String at) {
      boolean nullsFirst =
          order.nulls().map(nulls -> nulls == Nulls.FIRST).orElse(order.descending());
      return projection
          .aggregate(order.column())
          .map(output ->
              new Term(
                  output.expression(),
                  output.head().type(),
                  true,
                  output.nullable(),
                  order.descending(),
                  nullsFirst))
          .or(() ->
              orderable(order.column(), at)
                  .map(column -> term(column, order.descending(), nullsFirst)));
    }

    private static Term term(ColumnShape column, boolean descending, boolean nullsFirst) {
      return new Term(
          Projection.column(column.name()),
          column.type(),
          false,
          column.nullable(),
          descending,
          nullsFirst);
    }

    private Optional<ColumnShape> orderable(Identifier name, String at) {
      Optional<ColumnShape> column = shape.column(name, at, faults);
      if (column.isPresent() && !column.get().type().base().hasOrder()) {
        faults.invalid(
            at,
            "rows cannot be ordered or grouped by "
                + column.get().type().withArticle()
                + " column");
        return Optional.empty();
      }
      return column;
    }
  }
}
