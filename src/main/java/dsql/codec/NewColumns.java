package dsql.codec;

import dsql.action.ColumnType;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The columns of a table that is to be created, as far as they are valid. Confined to one
/// invocation.
final class NewColumns {

  private final Faults faults;

  /// The types by name; empty where the type is faulty.
  private final Map<Identifier, Optional<ColumnType>> types = new HashMap<>();

  /// Whether some column's name could not be read, so that no other name may be reported as
  /// unknown.
  private boolean unnamed;

  NewColumns(Faults faults) {
    this.faults = faults;
  }

  /// Adds a column.
  ///
  /// @return false if there is one with that name already
  boolean add(Identifier name, Optional<ColumnType> type) {
    return types.putIfAbsent(name, type) == null;
  }

  /// Records that a column has no valid name.
  void addUnnamed() {
    unnamed = true;
  }

  /// Adds a fault for each name that is not one of the columns.
  void check(List<Identifier> names, String pointer) {
    for (int i = 0; i < names.size(); i++) {
      type(names.get(i), Faults.at(pointer, i));
    }
  }

  /// Adds a fault for each name that is not one of the columns, or whose type cannot be in a key.
  void checkKey(List<Identifier> key, String pointer) {
    for (int i = 0; i < key.size(); i++) {
      checkKey(key.get(i), Faults.at(pointer, i));
    }
  }

  void checkKey(Identifier name, String pointer) {
    Optional<ColumnType> type = type(name, pointer);
    if (type.isPresent() && !type.get().base().canBeKey()) {
      faults.invalid(pointer, type.get().sql() + " cannot be in a key or an index");
    }
  }

  void checkText(Identifier name, String pointer) {
    Optional<ColumnType> type = type(name, pointer);
    if (type.isPresent() && !type.get().base().isText()) {
      faults.invalid(
          pointer, "only a text column has a lower-case form; this one is " + type.get().sql());
    }
  }

  void checkJson(Identifier name, String pointer) {
    Optional<ColumnType> type = type(name, pointer);
    if (type.isPresent() && !type.get().base().isDocument()) {
      faults.invalid(
          pointer, "only a json or jsonb column has members; this one is " + type.get().sql());
    }
  }

  private Optional<ColumnType> type(Identifier name, String pointer) {
    Optional<ColumnType> type = types.get(name);
    if (type != null) {
      return type;
    }
    if (!unnamed) {
      faults.add(pointer, Fault.Code.UNKNOWN_COLUMN, "not one of this table's columns");
    }
    return Optional.empty();
  }
}
