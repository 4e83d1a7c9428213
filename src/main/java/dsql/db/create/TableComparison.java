package dsql.db.create;

import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Create;
import dsql.action.Create.Index;
import dsql.action.Identifier;
import dsql.db.create.Relations.StandingIndex;
import dsql.sql.DefaultSql;
import dsql.sql.TableShape;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A table asked for against the one that stands. Missing indexes are no difference: they can still
/// be added.
///
/// @param indexes the standing table's, those of its constraints among them
/// @param otherDefaults the columns whose default is another one
record TableComparison(
    Create create, TableShape shape, List<StandingIndex> indexes, Set<Identifier> otherDefaults) {

  /// The differences, for people; none when the table is as asked for.
  List<String> differences() {
    List<String> differences = new ArrayList<>();
    Set<Identifier> asked = new HashSet<>();
    for (Column column : create.columns()) {
      asked.add(column.name());
      compare(column, differences);
    }
    for (ColumnShape column : shape.columns().values()) {
      if (!asked.contains(column.name())) {
        differences.add("column " + column.name() + ": stands, not asked for");
      }
    }
    if (!create.primaryKey().equals(shape.primaryKey())) {
      differences.add(
          "primary key: asked for " + create.primaryKey() + ", stands " + shape.primaryKey());
    }
    create.unique().forEach(unique -> compare(unique, differences));
    for (Index index : create.indexes()) {
      StandingIndex.named(indexes, index.name())
          .flatMap(standing -> difference(index, standing))
          .ifPresent(differences::add);
    }
    for (StandingIndex index : indexes) {
      if (index.unique() && !index.primary() && !asksFor(index)) {
        differences.add(
            (index.plain() ? "unique " + index.columns() : "unique index " + index.name())
                + ": stands, not asked for");
      }
    }
    return differences;
  }

  /// A unique constraint over the primary key's columns is the primary key: the database makes no
  /// other index for it.
  private void compare(List<Identifier> unique, List<String> differences) {
    boolean broken = false;
    for (StandingIndex index : indexes) {
      if (index.unique() && index.columns().equals(unique)) {
        if (index.valid()) {
          return;
        }
        broken = true;
      }
    }
    if (!unique.equals(shape.primaryKey())) {
      differences.add("unique " + unique + (broken ? ": its index is not valid" : ": missing"));
    }
  }

  private void compare(Column column, List<String> differences) {
    Optional<ColumnShape> standing = shape.column(column.name());
    if (standing.isEmpty()) {
      differences.add("column " + column.name() + ": missing");
      return;
    }
    ColumnShape found = standing.get();
    if (!sameType(column.type(), found.type())) {
      differences.add(
          "column "
              + column.name()
              + ": asked for "
              + column.type().sql()
              + ", stands "
              + found.type().sql());
    }
    if (column.nullable() != found.nullable()) {
      differences.add(
          "column " + column.name() + (found.nullable() ? ": may be null" : ": must not be null"));
    }
    if (column.identityCache().isPresent() != found.identity()) {
      differences.add(
          "column "
              + column.name()
              + (found.identity() ? ": has an identity" : ": has no identity"));
    }
    boolean asked = !(DefaultSql.asked(column) instanceof DefaultSql.None);
    boolean stands = !(DefaultSql.standing(found.initial()) instanceof DefaultSql.None);
    if (asked != stands) {
      differences.add(
          "column " + column.name() + (stands ? ": has a default" : ": has no default"));
    } else if (otherDefaults.contains(column.name())) {
      differences.add("column " + column.name() + ": has another default");
    }
  }

  private boolean asksFor(StandingIndex index) {
    return create.unique().contains(index.columns())
        || (index.constraint().isEmpty()
            && create.indexes().stream()
                .anyMatch(asked -> asked.name().name().equals(index.name())));
  }

  /// A char without a length is a char(1), and is stored as one.
  static boolean sameType(ColumnType asked, ColumnType standing) {
    if (asked.base() == Base.CHAR && standing.base() == Base.CHAR) {
      return asked.length().orElse(1) == standing.length().orElse(1);
    }
    return asked.equals(standing);
  }

  /// How an index of the asked one's name differs from it; empty also where it is a constraint's,
  /// and so another thing altogether.
  static Optional<String> difference(Index asked, StandingIndex standing) {
    if (standing.constraint().isPresent()) {
      return Optional.empty();
    }
    String index = "index " + asked.name() + ": ";
    if (!standing.plain()) {
      return Optional.of(index + "stands over expressions or a part of the rows");
    }
    if (!standing.columns().equals(asked.columns())) {
      return Optional.of(index + "asked for " + asked.columns() + ", stands " + standing.columns());
    }
    if (standing.unique()) {
      return Optional.of(index + "is unique");
    }
    return standing.included().isEmpty()
        ? Optional.empty()
        : Optional.of(index + "includes " + standing.included() + ", not asked for");
  }
}
