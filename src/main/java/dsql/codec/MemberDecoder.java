package dsql.codec;

import dsql.action.Faults;
import dsql.action.Member;
import dsql.action.MemberType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decodes `at` and `type`, which name a member of the JSON documents in a column.
final class MemberDecoder {

  private MemberDecoder() {}

  /// The member; empty if the object has no `at`, or a faulty one.
  static Optional<Member> decode(Fields fields, Faults faults) {
    Optional<String> pointer = fields.string("at");
    MemberType type =
        RequestDecoder.choice(fields, "type", MemberType.class, MemberType.TEXT, faults);
    if (pointer.isEmpty()) {
      if (fields.takeNonNull("type") != null && fields.takeNonNull("at") == null) {
        faults.invalid(
            fields.at("type"),
            "only a member of a JSON document is read as a type:"
                + " add \"at\", a JSON pointer, or leave \"type\" out");
      }
      return Optional.empty();
    }
    Optional<List<String>> path = path(pointer.get(), fields.at("at"), faults);
    return path.map(tokens -> new Member(tokens, type));
  }

  private static Optional<List<String>> path(String pointer, String at, Faults faults) {
    if (!pointer.isEmpty() && pointer.charAt(0) != '/') {
      faults.invalid(at, "a JSON pointer begins with a slash: \"/customer/id\"");
      return Optional.empty();
    }
    if (pointer.codePointCount(0, pointer.length()) > Member.MAX_POINTER) {
      faults.invalid(at, "a JSON pointer has at most " + Member.MAX_POINTER + " characters here");
      return Optional.empty();
    }
    if (!isStorable(pointer)) {
      faults.invalid(at, "a JSON pointer must not hold NUL or half a surrogate pair");
      return Optional.empty();
    }
    List<String> path = new ArrayList<>();
    for (int start = 1; start <= pointer.length(); ) {
      int slash = pointer.indexOf('/', start);
      int end = slash < 0 ? pointer.length() : slash;
      String token = pointer.substring(start, end);
      if (!areEscapesValid(token)) {
        faults.invalid(at, "in a JSON pointer \"~\" is written \"~0\", and \"/\" in a name \"~1\"");
        return Optional.empty();
      }
      path.add(token.replace("~1", "/").replace("~0", "~"));
      start = end + 1;
    }
    if (path.size() > Member.MAX_PATH) {
      faults.invalid(at, "a JSON pointer has at most " + Member.MAX_PATH + " parts here");
      return Optional.empty();
    }
    return Optional.of(path);
  }

  private static boolean areEscapesValid(String token) {
    for (int at = token.indexOf('~'); at >= 0; at = token.indexOf('~', at + 1)) {
      if (at + 1 == token.length()
          || (token.charAt(at + 1) != '0' && token.charAt(at + 1) != '1')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isStorable(String text) {
    return text.codePoints()
        .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }
}
