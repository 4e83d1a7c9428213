package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.Failure;
import dsql.action.Faults;
import dsql.action.InvalidRequest;
import dsql.action.Query;
import dsql.action.Result.ColumnHead;
import dsql.sql.Ordering.Range;
import dsql.sql.Ordering.Term;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The SELECT statements of a query, each of which continues where the previous one ended. Confined
/// to one invocation.
public final class SelectSql {

  private static final Sql NOTHING = new Sql("", List.of());

  private final TableShape shape;
  private final List<ColumnHead> columns;
  private final Ordering ordering;
  private final String from;
  private final String select;
  private final Optional<Sql> filter;
  private final Optional<Sql> having;
  private final String groups;
  private final List<Integer> positionColumns;
  private final int width;
  private final boolean aggregated;
  private final boolean pageable;
  private final List<Integer> declaredKey;
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
    Operands operands = new Operands(shape, Optional.of(projection), faults, true);
    Optional<Sql> having = query.having().map(filtered -> FilterSql.of(filtered, operands, faults));
    List<Term> terms = new Terms(query, shape, operands, faults).all();
    faults.throwIfAny();
    return new SelectSql(query, shape, projection, filter, having, new Ordering(terms));
  }

  private SelectSql(
      Query query,
      TableShape shape,
      Projection projection,
      Optional<Sql> filter,
      Optional<Sql> having,
      Ordering ordering) {
    this.shape = shape;
    this.columns = projection.heads();
    this.filter = filter;
    this.having = having;
    this.ordering = ordering;
    List<String> outputs = new ArrayList<>(projection.sql());
    this.positionColumns = positionColumns(projection, ordering, outputs);
    this.width = outputs.size();
    this.from = " FROM " + shape.qualified() + " AS " + Projection.ALIAS;
    this.select = "SELECT " + String.join(", ", outputs) + from;
    List<String> groupBy = Operands.columns(query.groupBy());
    this.groups = groupBy.isEmpty() ? "" : " GROUP BY " + String.join(", ", groupBy);
    this.aggregated = query.aggregated();
    boolean keyed = aggregated || !shape.primaryKey().isEmpty();
    this.declaredKey = keyed ? List.of() : keyColumns(query, ordering);
    this.pageable = !ordering.terms().isEmpty() && (keyed || !declaredKey.isEmpty());
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
    filter.ifPresent(sql -> add(sql, parts));
    having.ifPresent(sql -> add(sql, parts));
    return parts;
  }

  private static void add(Sql sql, List<String> parts) {
    parts.add(sql.text());
    sql.parameters().forEach(parameter -> parts.add(text(parameter)));
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

  /// The result columns of the key that the caller declared.
  private List<Integer> keyColumns(Query query, Ordering ordering) {
    List<Integer> columns = new ArrayList<>();
    for (String column : Operands.columns(query.key())) {
      for (int i = 0; i < ordering.terms().size(); i++) {
        if (ordering.terms().get(i).expression().equals(column)) {
          columns.add(positionColumns.get(i));
        }
      }
    }
    return List.copyOf(columns);
  }

  /// The type of the result column of a term of the order.
  ///
  /// @param column its number, from 1
  public ColumnType type(int column) {
    return ordering.terms().get(positionColumns.indexOf(column)).type();
  }

  /// The columns for the caller, in order; the result may have more, which only hold the position.
  public List<ColumnHead> columns() {
    return columns;
  }

  /// The number of result columns, including those that only hold the position.
  public int width() {
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

  /// Whether it has any number of rows in no total order, so that only the first can be answered.
  public boolean hasNoKey() {
    return !pageable && !aggregated;
  }

  /// Whether a page must be read by one statement: no other can continue after any row of it.
  public boolean inOneStep() {
    return !pageable || !declaredKey.isEmpty();
  }

  /// The numbers, from 1, of the result columns that the caller says are unique together; empty if
  /// the order does not depend on that.
  public List<Integer> declaredKey() {
    return declaredKey;
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

  /// The statement that counts all rows of all pages.
  public Sql total() {
    List<Parameter> parameters = new ArrayList<>();
    // Of groups only their number matters, but HAVING may need any aggregate.
    StringBuilder text = new StringBuilder("SELECT count(*)").append(from);
    add(text, " WHERE ", filter, NOTHING, parameters);
    text.append(groups);
    add(text, " HAVING ", having, NOTHING, parameters);
    String counted = aggregated ? "SELECT count(*) FROM (" + text + ") AS rows" : text.toString();
    return new Sql(counted, parameters);
  }

  private String statement(Range range, int limit, List<Parameter> parameters) {
    StringBuilder text = new StringBuilder(select);
    boolean ofGroups = ordering.hasAggregates();
    add(text, " WHERE ", filter, ofGroups ? NOTHING : range.condition(), parameters);
    text.append(groups);
    add(text, " HAVING ", having, ofGroups ? range.condition() : NOTHING, parameters);
    if (!range.order().isEmpty()) {
      text.append(" ORDER BY ").append(range.order());
    }
    return limited(text.toString(), limit, parameters);
  }

  /// Adds the conditions that there are, joined by AND.
  private static void add(
      StringBuilder text,
      String word,
      Optional<Sql> condition,
      Sql more,
      List<Parameter> parameters) {
    if (condition.isPresent()) {
      text.append(word).append('(').append(condition.get().text()).append(')');
      parameters.addAll(condition.get().parameters());
    }
    if (!more.text().isEmpty()) {
      text.append(condition.isPresent() ? " AND " : word).append(more.text());
      parameters.addAll(more.parameters());
    }
  }

  private static String limited(String text, int limit, List<Parameter> parameters) {
    parameters.add(Parameter.bigint(limit));
    return text + " LIMIT ?";
  }
}
