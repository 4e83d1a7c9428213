package dsql.sql;

import dsql.action.Column;
import dsql.action.Create;
import dsql.action.Create.Check;
import dsql.action.Create.ForeignKey;
import dsql.action.Create.Index;
import dsql.action.DefaultFunction;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.InvalidRequest;
import dsql.action.Member;
import dsql.action.Value;
import dsql.sql.TableShape.ColumnShape;
import dsql.sql.ValueEncoder.Use;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// DDL for a table and its indexes, one statement per transaction. Names are quoted; the values of
/// defaults and conditions are checked literals, because DDL takes no bound parameters.
public final class CreateSql {

  private CreateSql() {}

  /// `CREATE TABLE`.
  ///
  /// @throws InvalidRequest when a default, a check or an index's condition does not fit its
  ///   columns
  public static String table(Create create, Identifier schema) {
    Faults faults = new Faults();
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < create.columns().size(); i++) {
      parts.add(column(create.columns().get(i), i, faults));
    }
    if (!create.primaryKey().isEmpty()) {
      parts.add("PRIMARY KEY (" + Identifier.list(create.primaryKey()) + ')');
    }
    create.unique().forEach(columns -> parts.add("UNIQUE (" + Identifier.list(columns) + ')'));
    create.foreignKeys().forEach(key -> parts.add(foreignKey(key, schema)));
    TableShape shape = shape(create, schema);
    for (Check check : create.checks()) {
      String condition = LiteralFilter.of(check.where(), shape, faults);
      parts.add("CONSTRAINT " + check.name().quoted() + " CHECK (" + condition + ')');
    }
    create.indexes().forEach(index -> condition(index, shape, faults));
    faults.throwIfAny();
    return "CREATE TABLE "
        + shape.qualified()
        + parts.stream().collect(Collectors.joining(", ", " (", ")"));
  }

  /// `CREATE INDEX ASYNC`, which returns a row with its `job_id`. Safe to repeat.
  public static String index(Create create, Index index, Identifier schema) {
    TableShape shape = shape(create, schema);
    StringBuilder text = new StringBuilder("CREATE ").append(index.unique() ? "UNIQUE " : "");
    text.append("INDEX ASYNC IF NOT EXISTS ").append(index.name().quoted());
    text.append(" ON ").append(shape.qualified()).append(" (");
    text.append(index.parts().stream().map(CreateSql::part).collect(Collectors.joining(", ")));
    text.append(')');
    if (!index.include().isEmpty()) {
      text.append(" INCLUDE (").append(Identifier.list(index.include())).append(')');
    }
    text.append(index.nullsNotDistinct() ? " NULLS NOT DISTINCT" : "");
    return text.append(condition(index, shape, new Faults())).toString();
  }

  /// `ALTER TABLE … ADD CONSTRAINT … NOT VALID`.
  public static String addition(Create create, ForeignKey key, Identifier schema) {
    return "ALTER TABLE "
        + shape(create, schema).qualified()
        + " ADD "
        + foreignKey(key, schema)
        + " NOT VALID";
  }

  /// `ALTER TABLE ASYNC … VALIDATE CONSTRAINT`, which returns a row with its `job_id`. Safe to
  /// repeat.
  public static String validation(Create create, ForeignKey key, Identifier schema) {
    return "ALTER TABLE ASYNC "
        + shape(create, schema).qualified()
        + " VALIDATE CONSTRAINT "
        + key.name().orElseThrow().quoted();
  }

  /// `COMMENT ON TABLE`; empty for an empty comment too, which PostgreSQL takes for none. Safe to
  /// repeat.
  public static Optional<String> comment(Create create, Identifier schema) {
    return create
        .comment()
        .filter(comment -> !comment.isEmpty())
        .map(comment ->
            "COMMENT ON TABLE "
                + shape(create, schema).qualified()
                + " IS "
                + LiteralFilter.quoted(comment));
  }

  /// A part of an index's key, as written in DDL.
  public static String part(Index.Part part) {
    return switch (part) {
      case Index.Part.Plain(Identifier column) -> column.quoted();
      // The database adds this cast itself, but prints it only for a column of another type.
      case Index.Part.Lower(Identifier column) -> "lower(" + column.quoted() + "::text)";
      case Index.Part.OfDocument(Identifier column, Member member) ->
          '(' + MemberSql.of(column.quoted(), member) + ')';
    };
  }

  /// The shape that the table is to have.
  public static TableShape shape(Create create, Identifier schema) {
    Map<String, ColumnShape> columns = new LinkedHashMap<>();
    for (Column column : create.columns()) {
      columns.put(
          column.name().name(),
          new ColumnShape(
              columns.size() + 1,
              column.name(),
              column.type(),
              column.nullable(),
              Optional.empty(),
              column.identityCache().isPresent()));
    }
    return new TableShape(schema, create.table(), columns, create.primaryKey());
  }

  private static String condition(Index index, TableShape shape, Faults faults) {
    return index
        .where()
        .map(where -> " WHERE " + LiteralFilter.of(where, shape, faults))
        .orElse("");
  }

  private static String foreignKey(ForeignKey key, Identifier schema) {
    StringBuilder text = new StringBuilder();
    key.name().ifPresent(name -> text.append("CONSTRAINT ").append(name.quoted()).append(' '));
    text.append("FOREIGN KEY (").append(Identifier.list(key.columns())).append(") REFERENCES ");
    text.append(schema.quoted()).append('.').append(key.table().quoted());
    if (!key.references().isEmpty()) {
      text.append(" (").append(Identifier.list(key.references())).append(')');
    }
    if (key.onDelete() != ForeignKey.Action.NO_ACTION) {
      text.append(" ON DELETE ").append(key.onDelete().sql());
    }
    if (key.onUpdate() != ForeignKey.Action.NO_ACTION) {
      text.append(" ON UPDATE ").append(key.onUpdate().sql());
    }
    return text.toString();
  }

  private static String column(Column column, int index, Faults faults) {
    StringBuilder text = new StringBuilder(column.name().quoted());
    text.append(' ').append(column.type().sql());
    column
        .defaultValue()
        .ifPresent(
            value -> text.append(" DEFAULT ").append(defaultValue(column, value, index, faults)));
    column
        .identityCache()
        .ifPresent(cache ->
            text.append(" GENERATED BY DEFAULT AS IDENTITY (CACHE ").append(cache).append(')'));
    if (!column.nullable()) {
      text.append(" NOT NULL");
    }
    return text.toString();
  }

  private static String defaultValue(
      Column column, Column.Default value, int index, Faults faults) {
    return switch (value) {
      case Column.Default.Call(DefaultFunction function) -> function.sql();
      case Column.Default.Literal(Value literal) -> {
        try {
          yield literal(ValueEncoder.encode(literal, column.type(), Use.STORE));
        } catch (InvalidValue e) {
          faults.invalid(Faults.at("/columns", index) + "/default/value", e.detail());
          yield "NULL";
        }
      }
    };
  }

  private static String literal(Parameter parameter) {
    String text = Parameter.text(parameter);
    return text == null ? "NULL" : LiteralFilter.quoted(text);
  }
}
