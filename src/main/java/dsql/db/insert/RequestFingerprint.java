package dsql.db.insert;

import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.Insert.OnConflict;
import dsql.action.Row;
import dsql.action.Value;
import dsql.sql.PartsDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A digest by which two requests under one key are compared: of all that an insert says except its
/// key, whatever the order of a row's fields.
final class RequestFingerprint {

  private final PartsDigest digest = new PartsDigest();

  private RequestFingerprint() {}

  static String of(Insert insert) {
    RequestFingerprint fingerprint = new RequestFingerprint();
    fingerprint.add("table", insert.table().name());
    fingerprint.add("atomicity", insert.atomicity().name());
    fingerprint.add("returning", insert.returning());
    insert.onConflict().ifPresent(fingerprint::add);
    for (Row row : insert.rows()) {
      fingerprint.add("row", Integer.toString(row.columns().size()));
      Map<String, Value> sorted = new TreeMap<>();
      for (int i = 0; i < row.columns().size(); i++) {
        sorted.put(row.columns().get(i).name(), row.values().get(i));
      }
      sorted.forEach(fingerprint::add);
    }
    return HexFormat.of().formatHex(fingerprint.digest.digest());
  }

  private void add(OnConflict conflict) {
    add("conflict", conflict.columns());
    conflict.where().ifPresent(where -> add("where", where.json()));
    switch (conflict) {
      case OnConflict.Nothing _ -> add("do", "nothing");
      case OnConflict.Update update -> update.set().ifPresent(set -> add("set", set));
    }
  }

  private void add(String name, List<Identifier> names) {
    add(name, Integer.toString(names.size()));
    names.forEach(each -> add("", each.name()));
  }

  private void add(String name, Value value) {
    switch (value) {
      case Value.Null _ -> add(name, "null", "");
      case Value.Bool(boolean bool) -> add(name, "bool", Boolean.toString(bool));
      case Value.Num(String literal) -> add(name, "number", literal);
      case Value.Text(String text) -> add(name, "text", text);
      case Value.Structure(String json) -> add(name, "json", json);
    }
  }

  private void add(String... parts) {
    for (String part : parts) {
      digest.add(part);
    }
  }
}
