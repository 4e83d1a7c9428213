package dsql.db.create;

import dsql.action.Column;
import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Create;
import dsql.action.Create.Check;
import dsql.action.Create.Index;
import dsql.action.Identifier;
import dsql.sql.DefaultSql;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Compares the requested table with the existing one. Missing indexes are not differences, because
/// they can still be added.
record TableComparison(
    Create create, ExistingTable existing, KeyComparison keys, RequestedForms forms) {

  static final String NOT_REQUESTED = ": exists but was not requested";

  /// The differences, for people; none if the table is the requested one.
  List<String> differences() {
    List<String> differences = new ArrayList<>();
    Set<Identifier> requested = new HashSet<>();
    for (Column column : create.columns()) {
      requested.add(column.name());
      compare(column, differences);
    }
    for (ColumnShape column : existing.shape().columns().values()) {
      if (!requested.contains(column.name())) {
        differences.add("column " + column.name() + NOT_REQUESTED);
      }
    }
    if (!create.primaryKey().equals(existing.shape().primaryKey())) {
      differences.add(
          "primary key: requested %s, found %s"
              .formatted(create.primaryKey(), existing.shape().primaryKey()));
    }
    create.unique().forEach(unique -> compare(unique, differences));
    for (ExistingIndex index : existing.indexes()) {
      if (index.primary()) {
        special(index).ifPresent(text -> differences.add("primary key: " + text));
      }
    }
    differences.addAll(keys.differences());
    compareChecks(differences);
    Optional<String> comment = existing.constraints().comment();
    if (create.comment().isPresent() && comment.isPresent() && !comment.equals(create.comment())) {
      differences.add("comment: has another text");
    }
    compareIndexes(differences);
    return differences;
  }

  /// A unique constraint over the primary key's columns is the primary key: the database makes no
  /// other index for it.
  private void compare(List<Identifier> unique, List<String> differences) {
    String found = "missing";
    for (ExistingIndex index : existing.indexes()) {
      if (!index.unique() || !index.columns().equals(unique)) {
        continue;
      }
      Optional<String> special = special(index);
      if (special.isEmpty()) {
        return;
      }
      found = special.get();
    }
    if (!unique.equals(existing.shape().primaryKey())) {
      differences.add("unique " + unique + ": " + found);
    }
  }

  /// What makes the index of a constraint another one than a request can ask for.
  private Optional<String> special(ExistingIndex index) {
    if (!index.valid()) {
      return Optional.of("its index is not valid");
    }
    if (index.nullsNotDistinct()) {
      return Optional.of("takes NULL as equal to NULL");
    }
    return index.constraint().isEmpty() ? Optional.empty() : special(index.name());
  }

  private void compare(Column column, List<String> differences) {
    String name = "column " + column.name();
    Optional<ColumnShape> known = existing.shape().column(column.name());
    if (known.isEmpty()) {
      differences.add(name + ": missing");
      return;
    }
    ColumnShape found = known.get();
    if (!sameType(column.type(), found.type())) {
      differences.add(
          name + ": requested " + column.type().sql() + ", found " + found.type().sql());
    }
    if (column.nullable() != found.nullable()) {
      differences.add(name + (found.nullable() ? ": may be null" : ": must not be null"));
    }
    if (column.identityCache().isPresent() != found.identity()) {
      differences.add(name + (found.identity() ? ": has an identity" : ": has no identity"));
    }
    boolean requested = !(DefaultSql.requested(column) instanceof DefaultSql.None);
    boolean exists = !(DefaultSql.existing(found.defaultValue()) instanceof DefaultSql.None);
    if (requested != exists) {
      differences.add(name + (exists ? ": has a default" : ": has no default"));
    }
    Optional.ofNullable(existing.otherColumns().get(column.name()))
        .ifPresent(text -> differences.add(name + ": " + text));
  }

  private Optional<String> special(String constraint) {
    String text = existing.constraints().special().getOrDefault(new Identifier(constraint), "");
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private void compareChecks(List<String> differences) {
    Map<Identifier, String> checks = existing.constraints().checks();
    Set<Identifier> requested = new HashSet<>();
    for (Check check : create.checks()) {
      requested.add(check.name());
      String condition = checks.get(check.name());
      if (condition == null) {
        differences.add("check " + check.name() + ": missing");
      } else if (!condition.equals(forms.of(check.where()))) {
        differences.add("check " + check.name() + ": has another condition");
      } else {
        special(check.name().name())
            .ifPresent(text -> differences.add("check " + check.name() + ": " + text));
      }
    }
    for (Identifier name : checks.keySet()) {
      if (!requested.contains(name)) {
        differences.add("check " + name + NOT_REQUESTED);
      }
    }
  }

  private void compareIndexes(List<String> differences) {
    for (Index index : create.indexes()) {
      ExistingIndex.named(existing.indexes(), index.name())
          .flatMap(found -> difference(index, found, forms))
          .ifPresent(differences::add);
    }
    for (ExistingIndex index : existing.indexes()) {
      boolean requested =
          create.unique().contains(index.columns())
              || create.indexes().stream().anyMatch(index::isNamed);
      if (index.unique() && !index.primary() && !requested) {
        differences.add(
            (index.columns().isEmpty()
                    ? "unique index " + index.name()
                    : "unique " + index.columns())
                + NOT_REQUESTED);
      }
    }
  }

  /// A char without a length is a char(1), and is stored as one.
  static boolean sameType(ColumnType requested, ColumnType found) {
    if (requested.base() == Base.CHAR && found.base() == Base.CHAR) {
      return requested.length().orElse(1) == found.length().orElse(1);
    }
    return requested.equals(found);
  }

  private static List<String> unquoted(List<String> parts) {
    return parts.stream().map(part -> part.replace("\"", "")).toList();
  }

  /// How an index with the requested name differs from the requested one; empty also if it belongs
  /// to a constraint, and so is another thing altogether.
  static Optional<String> difference(Index index, ExistingIndex found, RequestedForms forms) {
    if (found.constraint().isPresent()) {
      return Optional.empty();
    }
    List<String> differences = new ArrayList<>();
    List<String> parts = forms.parts(index);
    if (!parts.equals(found.parts())) {
      differences.add("requested " + unquoted(parts) + ", found " + unquoted(found.parts()));
    }
    // A build that failed on duplicates leaves an index that is not valid.
    if (index.unique() != found.unique() && (found.valid() || found.unique())) {
      differences.add(found.unique() ? "is unique" : "is not unique");
    }
    if (!Set.copyOf(index.include()).equals(Set.copyOf(found.included()))) {
      differences.add("requested to include " + index.include() + ", found " + found.included());
    }
    Optional<String> where = index.where().map(forms::of);
    if (!where.equals(found.where())) {
      differences.add(
          found.where().isEmpty()
              ? "covers all rows"
              : where.isEmpty() ? "covers only some of the rows" : "has another condition");
    }
    if (index.nullsNotDistinct() != found.nullsNotDistinct()) {
      differences.add(
          "takes NULL "
              + (found.nullsNotDistinct() ? "as equal to" : "as distinct from")
              + " NULL");
    }
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of("index " + index.name() + ": " + String.join("; ", differences));
  }
}
