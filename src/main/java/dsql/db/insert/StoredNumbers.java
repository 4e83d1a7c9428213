package dsql.db.insert;

import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Identifier;
import dsql.action.Insert;
import dsql.action.InvalidRequest;
import dsql.action.Value;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks that the server stored a number as it was given.
final class StoredNumbers {

  private StoredNumbers() {}

  /// @param stored the stored number, as text
  /// @throws InvalidRequest when it is not the number that the request gives
  static void check(Insert insert, int row, Identifier column, @Nullable String stored) {
    Value given = insert.rows().get(row).get(column);
    String literal =
        switch (given) {
          case Value.Num(String number) -> number;
          case Value.Text(String text) -> text;
          case null, default -> null;
        };
    if (literal != null && (stored == null || !isSame(literal, stored))) {
      Fault fault =
          new Fault(
              Faults.at(Faults.at("/rows", row), column.name()),
              Fault.Code.INVALID_VALUE,
              "the database would round the number: the column is a numeric without precision and"
                  + " scale, which holds 12 digits before the point and 6 after it");
      throw new InvalidRequest(List.of(fault));
    }
  }

  private static boolean isSame(String given, String stored) {
    if (given.equals(stored)) {
      return true;
    }
    try {
      return new BigDecimal(given).compareTo(new BigDecimal(stored)) == 0;
    } catch (NumberFormatException _) {
      // NaN or an infinity on one side.
      return false;
    }
  }
}
