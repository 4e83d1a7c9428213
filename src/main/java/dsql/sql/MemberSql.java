package dsql.sql;

import dsql.action.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Writes a member of a JSON document as an SQL expression. The text depends on nothing but the
/// column and the member, so that an index on a member serves the queries of it: the path is a
/// literal rather than a parameter.
final class MemberSql {

  private static final String NO_DATE = "^(?![0-9]{4}-[0-9]{2}-[0-9]{2}$)";

  private static final String NO_TIMESTAMPTZ =
      "^(?![0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6}0*)?)?"
          + "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$)";

  /// An element of an array that needs no quotes.
  private static final Pattern PLAIN = Pattern.compile("[^\\s{}\",\\\\]+");

  private MemberSql() {}

  /// The member, as a value of its type, in parentheses. It is NULL where the document has no such
  /// member or a JSON null there; the statement fails where the member's text does not fit the
  /// type.
  ///
  /// @param column the column in SQL, of type json or jsonb
  static String of(String column, Member member) {
    String text = text(column, member.path());
    return switch (member.type()) {
      case TEXT -> text;
      case DATE -> cast(checked(text, NO_DATE), "date");
      case TIMESTAMPTZ -> cast(checked(text, NO_TIMESTAMPTZ), "timestamptz");
      case INTEGER, BIGINT, NUMERIC, BOOLEAN, UUID -> cast(text, member.type().columnType().sql());
    };
  }

  private static String cast(String expression, String type) {
    return '(' + expression + "::" + type + ')';
  }

  /// A cast takes `today` and `01/02/03` too, whose meaning depends on the day and on the session's
  /// settings. A text of another form than ISO 8601 gets a letter in front, with which no cast
  /// succeeds.
  private static String checked(String text, String otherForms) {
    return "regexp_replace(" + text + ", " + literal(otherForms) + ", 'x')";
  }

  private static String text(String column, List<String> path) {
    String document = column;
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < path.size(); i++) {
      if (!isOddIndex(path.get(i))) {
        tokens.add(path.get(i));
        continue;
      }
      if (!tokens.isEmpty()) {
        document = '(' + document + " #> " + array(tokens) + ')';
        tokens.clear();
      }
      // Only this operator takes such a token for a name, and never for an element's number.
      document = '(' + document + " -> " + literal(path.get(i)) + ')';
    }
    return '(' + document + " #>> " + array(tokens) + ')';
  }

  /// Whether `#>>` takes the token for the number of an array's element, which it is not in a JSON
  /// pointer: a number with a sign, a leading zero or leading blanks.
  private static boolean isOddIndex(String token) {
    int i = 0;
    while (i < token.length() && " \t\n\u000b\f\r".indexOf(token.charAt(i)) >= 0) {
      i++;
    }
    int digits = i;
    if (i < token.length() && (token.charAt(i) == '-' || token.charAt(i) == '+')) {
      digits++;
    }
    for (int j = digits; j < token.length(); j++) {
      if (token.charAt(j) < '0' || token.charAt(j) > '9') {
        return false;
      }
    }
    boolean number = digits < token.length();
    return number && (digits > 0 || (token.charAt(0) == '0' && token.length() > 1));
  }

  private static String array(List<String> tokens) {
    StringBuilder array = new StringBuilder("{");
    for (String token : tokens) {
      array.append(array.length() == 1 ? "" : ",");
      // In the form in which the catalog prints it.
      if (PLAIN.matcher(token).matches() && !token.equalsIgnoreCase("null")) {
        array.append(token);
      } else {
        array.append('"').append(token.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
      }
    }
    return literal(array.append('}').toString());
  }

  /// A string literal whose meaning depends on no setting, neither for the server nor for the
  /// driver, which looks for question marks outside of literals.
  private static String literal(String text) {
    String quoted = LiteralFilter.quoted(text);
    return text.indexOf('\\') < 0 ? quoted : 'E' + quoted.replace("\\", "\\\\");
  }
}
