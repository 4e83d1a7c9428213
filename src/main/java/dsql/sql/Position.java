package dsql.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a page ends: the last row's value of each term of the order.
///
/// @param values in PostgreSQL's text form; null for NULL
public record Position(List<@Nullable String> values) {
  public Position {
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }
}
