package dsql.sql;

import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Operand;
import dsql.action.Query;
import dsql.action.Query.Nulls;
import dsql.action.Query.Order;
import dsql.sql.Operands.Expression;
import dsql.sql.Ordering.Term;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes the requested order total. Confined to one statement.
record Terms(Query query, TableShape shape, Operands operands, Faults faults) {

  List<Term> all() {
    if (query.aggregated() && query.groupBy().isEmpty()) {
      return List.of();
    }
    Set<Identifier> key = key();
    List<Term> terms = new ArrayList<>();
    Set<Identifier> missing = new HashSet<>(key);
    for (Order order : query.orderBy()) {
      Optional<Term> term = term(order);
      // Terms after a complete key are dropped, because no two rows are equal by then.
      if (term.isPresent() && (!missing.isEmpty() || key.isEmpty())) {
        terms.add(term.get());
      }
      if (term.isPresent() && !term.get().aggregate() && order.operand().member().isEmpty()) {
        missing.remove(order.operand().column());
      }
    }
    for (Identifier column : key) {
      Optional<ColumnShape> known = shape.column(column);
      if (known.isPresent() && missing.contains(column)) {
        terms.add(term(Operands.expression(known.get()), false, false));
      }
    }
    return terms;
  }

  /// The columns that end the order.
  private Set<Identifier> key() {
    Set<Identifier> key = new LinkedHashSet<>();
    if (query.aggregated()) {
      for (int i = 0; i < query.groupBy().size(); i++) {
        // A group is a column, even if an aggregate has its name.
        Operands.ofRows(shape, faults)
            .orderable(Operand.of(query.groupBy().get(i)), Faults.at("/groupBy", i));
      }
      key.addAll(query.groupBy());
      return key;
    }
    for (int i = 0; i < query.key().size(); i++) {
      String at = Faults.at("/key", i);
      Optional<Expression> column = operands.find(Operand.of(query.key().get(i)), at);
      if (column.isPresent() && !column.get().type().base().canBeKey()) {
        faults.invalid(
            at, "the database has no keys with " + column.get().type().withArticle() + " column");
      }
    }
    key.addAll(query.key());
    key.addAll(shape.primaryKey());
    return key;
  }

  private Optional<Term> term(Order order) {
    boolean nullsFirst =
        order.nulls().isEmpty() ? order.descending() : order.nulls().get() == Nulls.FIRST;
    Optional<Expression> of = operands.orderable(order.operand(), order.at());
    return of.isEmpty()
        ? Optional.empty()
        : Optional.of(term(of.get(), order.descending(), nullsFirst));
  }

  private static Term term(Expression of, boolean descending, boolean nullsFirst) {
    return new Term(of.sql(), of.type(), of.aggregate(), of.nullable(), descending, nullsFirst);
  }
}
