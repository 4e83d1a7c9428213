package dsql.bench.peer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request, as databind reads it.
@JsonIgnoreProperties(ignoreUnknown = true)
public record Action(
    String action,
    String table,
    @Nullable List<Map<String, Object>> rows,
    @Nullable List<String> returning,
    @Nullable String idempotencyKey,
    @Nullable List<String> select,
    @Nullable Integer limit) {

  List<Map<String, Object>> rowsOrNone() {
    return rows == null ? List.of() : rows;
  }

  List<String> returningOrNone() {
    return returning == null ? List.of() : returning;
  }

  List<String> selectOrNone() {
    return select == null ? List.of() : select;
  }
}
