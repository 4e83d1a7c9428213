package dsql.db.create;

import dsql.action.Create;
import dsql.action.Create.Check;
import dsql.action.Create.Index;
import dsql.action.Filter;
import dsql.db.jdbc.Parameters;
import dsql.sql.CreateSql;
import dsql.sql.ExpressionText;
import dsql.sql.LiteralFilter;
import dsql.sql.LiteralFilter.Literal;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The conditions and index parts of a request in the form in which those of the existing table can
/// be compared with them: with values as the server writes them.
final class RequestedForms {

  private final TableShape shape;
  private final Map<Literal, String> canonical = new HashMap<>();

  private RequestedForms(TableShape shape) {
    this.shape = shape;
  }

  /// Reads how the server writes the values of all conditions.
  static RequestedForms of(Connection connection, Create create, TableShape shape)
      throws SQLException {
    RequestedForms forms = new RequestedForms(shape);
    Map<String, List<Literal>> byType = new LinkedHashMap<>();
    for (Check check : create.checks()) {
      collect(LiteralFilter.literals(check.where(), shape), byType);
    }
    for (Index index : create.indexes()) {
      index.where().ifPresent(where -> collect(LiteralFilter.literals(where, shape), byType));
    }
    for (List<Literal> literals : byType.values()) {
      forms.read(connection, literals);
    }
    return forms;
  }

  private static void collect(Set<Literal> literals, Map<String, List<Literal>> byType) {
    for (Literal literal : literals) {
      // As a text a bpchar would lose its trailing blanks; a type that is not known is a difference
      // already.
      if (!literal.type().equals("bpchar") && !literal.type().isEmpty()) {
        byType.computeIfAbsent(literal.type(), _ -> new ArrayList<>()).add(literal);
      }
    }
  }

  /// @param literals all of the same type
  private void read(Connection connection, List<Literal> literals) throws SQLException {
    Sql sql = LiteralFilter.canonical(literals);
    try (PreparedStatement query = connection.prepareStatement(sql.text())) {
      Parameters.bind(query, sql.parameters());
      try (ResultSet row = query.executeQuery()) {
        for (Literal literal : literals) {
          row.next();
          canonical.put(literal, row.getString(1));
        }
      }
    }
  }

  String of(Filter filter) {
    return ExpressionText.of(LiteralFilter.of(filter, shape, canonical), shape);
  }

  List<String> parts(Index index) {
    return index.parts().stream()
        .map(part -> ExpressionText.of(CreateSql.part(part), shape))
        .toList();
  }
}
