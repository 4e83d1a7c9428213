package dsql.action;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The columns and values of a row to insert, in their order: a map that never changes. Rows of one
/// kind share their columns, and a look-up goes through them one by one, for they are few; that
/// makes thousands of rows cost little. Safe for concurrent use.
public final class Row extends AbstractMap<Identifier, Value> {

  private final List<Identifier> columns;
  private final List<Value> values;

  private Row(List<Identifier> columns, List<Value> values) {
    this.columns = columns;
    this.values = values;
  }

  /// A row of those columns, which are distinct, and as many values.
  public static Row of(List<Identifier> columns, List<Value> values) {
    if (columns.size() != values.size()) {
      throw new IllegalArgumentException(columns.size() + " columns, " + values.size() + " values");
    }
    return new Row(List.copyOf(columns), List.copyOf(values));
  }

  /// A row of the columns and values of a map.
  public static Row copyOf(Map<Identifier, Value> row) {
    return row instanceof Row same
        ? same
        : of(List.copyOf(row.keySet()), List.copyOf(row.values()));
  }

  /// The columns, in order; the same list for rows that were made of the same.
  public List<Identifier> columns() {
    return columns;
  }

  /// The values, in the order of the columns.
  @Override
  public List<Value> values() {
    return values;
  }

  @Override
  public @Nullable Value get(@Nullable Object column) {
    int index = columns.indexOf(column);
    return index < 0 ? null : values.get(index);
  }

  @Override
  public boolean containsKey(@Nullable Object column) {
    return columns.contains(column);
  }

  @Override
  public int size() {
    return columns.size();
  }

  @Override
  public Set<Entry<Identifier, Value>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return columns.size();
      }

      @Override
      public Iterator<Entry<Identifier, Value>> iterator() {
        return new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next < columns.size();
          }

          @Override
          public Entry<Identifier, Value> next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            int at = next++;
            return Map.entry(columns.get(at), values.get(at));
          }
        };
      }
    };
  }
}
