package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Member;
import dsql.action.Operand;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the expressions of operands, either over the rows of a table or over groups of them.
/// Confined to one statement.
///
/// @param aggregates the outputs whose names come before the columns; empty over rows
/// @param qualified whether columns are qualified by the table's alias, as in a SELECT
record Operands(
    TableShape shape, Optional<Projection> aggregates, Faults faults, boolean qualified) {

  /// An operand in SQL.
  ///
  /// @param aggregate whether it is an aggregate, which WHERE cannot contain
  record Expression(String sql, ColumnType type, boolean nullable, boolean aggregate) {}

  /// Operands over the rows of a table.
  static Operands ofRows(TableShape shape, Faults faults) {
    return new Operands(shape, Optional.empty(), faults, true);
  }

  /// Operands in the definition of a table or an index.
  static Operands ofDefinition(TableShape shape, Faults faults) {
    return new Operands(shape, Optional.empty(), faults, false);
  }

  /// The expression; a fault if there is none.
  ///
  /// @param pointer where the request names the operand
  Optional<Expression> find(Operand operand, String pointer) {
    if (aggregates.isPresent()) {
      Optional<Projection.Output> output = aggregates.get().aggregate(operand.column());
      if (output.isPresent()) {
        return Optional.of(output.get().expression());
      }
    }
    Optional<ColumnShape> column = shape.column(operand.column(), pointer, faults);
    if (column.isEmpty()) {
      return Optional.empty();
    }
    ColumnShape known = column.get();
    String name = qualified ? column(known.name()) : known.name().quoted();
    if (operand.member().isEmpty()) {
      return Optional.of(new Expression(name, known.type(), known.nullable(), false));
    }
    if (!known.type().base().isDocument()) {
      faults.invalid(
          pointer, "only a json or jsonb column has members; this one is " + known.type().sql());
      return Optional.empty();
    }
    Member member = operand.member().get();
    return Optional.of(
        new Expression(MemberSql.of(name, member), member.type().columnType(), true, false));
  }

  /// The expression of a column that rows can be ordered and grouped by; a fault if it cannot.
  Optional<Expression> orderable(Operand operand, String pointer) {
    Optional<Expression> found = find(operand, pointer);
    if (found.isPresent() && !found.get().type().base().hasOrder()) {
      faults.invalid(
          pointer,
          "rows cannot be ordered or grouped by " + found.get().type().withArticle() + " column");
      return Optional.empty();
    }
    return found;
  }

  /// The expression of an operand that can be compared; a fault if it cannot.
  Optional<Expression> comparable(Operand operand, String pointer) {
    Optional<Expression> found = find(operand, pointer);
    if (found.isPresent() && !found.get().type().base().hasOrder()) {
      faults.invalid(pointer, "a json column cannot be compared");
      return Optional.empty();
    }
    return found;
  }

  /// The expression of an operand that can match a pattern; a fault if it cannot.
  Optional<Expression> text(Operand operand, String pointer) {
    Optional<Expression> found = find(operand, pointer);
    if (found.isPresent() && !found.get().type().base().isText()) {
      faults.invalid(
          pointer,
          "only a text column can match a pattern; this one is " + found.get().type().sql());
      return Optional.empty();
    }
    return found;
  }

  /// The expression of a column whose documents can be searched; a fault if they cannot.
  Optional<Expression> jsonb(Identifier column, String pointer) {
    Optional<Expression> found = find(Operand.of(column), pointer);
    if (found.isPresent() && found.get().type().base() != Base.JSONB) {
      faults.invalid(
          pointer,
          "only a jsonb column can be searched so; this one is " + found.get().type().sql());
      return Optional.empty();
    }
    return found;
  }

  static Expression expression(ColumnShape column) {
    return new Expression(column(column.name()), column.type(), column.nullable(), false);
  }

  /// A column qualified by the table's alias. ORDER BY takes a bare name for an output before it
  /// takes it for a column, and an output may have another column's name; a qualified name always
  /// means a column.
  static String column(Identifier name) {
    return Projection.ALIAS + '.' + name.quoted();
  }

  static List<String> columns(List<Identifier> names) {
    List<String> columns = new ArrayList<>(names.size());
    for (Identifier name : names) {
      columns.add(column(name));
    }
    return columns;
  }
}
