package dsql.codec;

import dsql.action.Failure;
import dsql.action.Fault;
import dsql.action.Faults;
import dsql.action.Problem;
import dsql.json.Json;
import dsql.json.JsonText;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;

/// Reads the JSON text of a request.
///
/// @param faults gets a fault for each field that an object has twice
public record RequestText(Faults faults) implements JsonText.DuplicateFields {

  /// Reads a whole stream.
  ///
  /// @throws Failure when it has more than [JsonText#MAX_VALUES] values
  public static Json parse(InputStream utf8, Faults faults) throws JsonText.Malformed {
    try {
      return JsonText.parse(utf8, new RequestText(faults));
    } catch (JsonText.TooLarge e) {
      throw tooLarge(e);
    }
  }

  /// Reads a whole text.
  ///
  /// @throws Failure when it has more than [JsonText#MAX_VALUES] values
  public static Json parse(String text, Faults faults) throws JsonText.Malformed {
    try {
      return JsonText.parse(text, new RequestText(faults));
    } catch (JsonText.TooLarge e) {
      throw tooLarge(e);
    }
  }

  @Override
  public void found(List<Object> path) {
    String pointer = "";
    for (Object step : faults.full() ? List.of() : path) {
      pointer = Faults.at(pointer, step.toString());
    }
    faults.add(pointer, Fault.Code.DUPLICATE_KEY, "duplicate field; keep only one");
  }

  private static Failure tooLarge(JsonText.TooLarge cause) {
    return new Failure(
        Problem.Code.REQUEST_TOO_LARGE,
        String.format(
            Locale.ROOT,
            "A JSON text may have at most %,d values, objects and arrays included; "
                + "send fewer rows at a time.",
            JsonText.MAX_VALUES),
        cause);
  }
}
