package dsql.json;

import dsql.json.Json.Arr;
import dsql.json.Json.Bool;
import dsql.json.Json.Member;
import dsql.json.Json.Null;
import dsql.json.Json.Num;
import dsql.json.Json.Obj;
import dsql.json.Json.Str;
import dsql.json.JsonText.DuplicateFields;
import dsql.json.JsonText.Malformed;
import dsql.json.JsonText.TooLarge;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads one JSON text, for [JsonText]. Confined to one thread.
final class JsonReader {

  /// Up to this many members, a linear search beats hashing.
  private static final int LINEAR_SEARCH_LIMIT = 8;

  /// The number of member names that are remembered, so that rows with the same columns share them.
  private static final int NAME_CACHE_SIZE = 32;

  /// An array and no string, because `charAt` would check bounds and encoding at each call.
  private final char[] text;

  private final DuplicateFields duplicates;
  private int at;
  private int values;

  /// Recently read names, found by length and first character: similar objects repeat their names.
  private final @Nullable String[] names = new String[NAME_CACHE_SIZE];

  /// The names and indexes that lead to the current value.
  private final List<Object> path = new ArrayList<>();

  JsonReader(char[] text, DuplicateFields duplicates) {
    this.text = text;
    this.duplicates = duplicates;
    this.at = text.length > 0 && text[0] == '\ufeff' ? 1 : 0;
  }

  /// The one value of the text.
  Json read() throws Malformed {
    Json value = value();
    skipSpace();
    if (at < text.length) {
      throw malformed(at);
    }
    return value;
  }

  private Json value() throws Malformed {
    if (++values > JsonText.MAX_VALUES) {
      throw new TooLarge();
    }
    char first = next();
    return switch (first) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> new Str(string());
      case 't' -> word("true", new Bool(true));
      case 'f' -> word("false", new Bool(false));
      case 'n' -> word("null", new Null());
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw malformed(at);
    };
  }

  private Obj object() throws Malformed {
    open();
    List<Member> members = new ArrayList<>();
    @Nullable Set<String> names = null;
    if (!closes('}')) {
      do {
        expect('"');
        String name = name();
        expect(':');
        at++;
        path.add(name);
        Json value = value();
        if (names == null && members.size() == LINEAR_SEARCH_LIMIT) {
          names = names(members);
        }
        if (names == null ? !isNamed(members, name) : names.add(name)) {
          members.add(new Member(name, value));
        } else {
          duplicates.found(path);
        }
        path.removeLast();
      } while (continues('}'));
    }
    return new Obj(members);
  }

  private static boolean isNamed(List<Member> members, String name) {
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i).name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static Set<String> names(List<Member> members) {
    Set<String> names = new HashSet<>();
    for (Member member : members) {
      names.add(member.name());
    }
    return names;
  }

  private Arr array() throws Malformed {
    open();
    List<Json> elements = new ArrayList<>();
    if (!closes(']')) {
      do {
        path.add(elements.size());
        elements.add(value());
        path.removeLast();
      } while (continues(']'));
    }
    return new Arr(elements);
  }

  private void open() throws Malformed {
    if (path.size() == JsonText.MAX_DEPTH) {
      throw new Malformed("nested deeper than " + JsonText.MAX_DEPTH + " levels");
    }
    at++;
  }

  private boolean closes(char bracket) throws Malformed {
    boolean closes = next() == bracket;
    if (closes) {
      at++;
    }
    return closes;
  }

  /// Whether another element follows the one just read.
  private boolean continues(char bracket) throws Malformed {
    if (closes(bracket)) {
      return false;
    }
    expect(',');
    at++;
    return true;
  }

  /// A member's name, as the same object as when the name was last read, if it is remembered.
  private String name() throws Malformed {
    int start = at + 1;
    int end = start;
    while (end < text.length && plain(text[end])) {
      end++;
    }
    if (end == text.length || text[end] != '"') {
      return string();
    }
    int slot = (end - start + 7 * text[start]) % NAME_CACHE_SIZE;
    String name = names[slot];
    if (name == null || !isNameAt(name, start, end)) {
      name = new String(text, start, end - start);
      names[slot] = name;
    }
    at = end + 1;
    return name;
  }

  private boolean isNameAt(String known, int start, int end) {
    int length = end - start;
    if (known.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (known.charAt(i) != text[start + i]) {
        return false;
      }
    }
    return true;
  }

  private String string() throws Malformed {
    int start = ++at;
    while (plain(current())) {
      at++;
    }
    if (current() == '"') {
      return new String(text, start, at++ - start);
    }
    StringBuilder value = new StringBuilder().append(text, start, at - start);
    while (current() != '"') {
      if (current() == '\\') {
        at++;
        value.append(escaped());
      } else {
        int from = at;
        while (plain(current())) {
          at++;
        }
        if (at == from) {
          throw malformed(at); // a control character
        }
        value.append(text, from, at - from);
      }
    }
    at++;
    return value.toString();
  }

  private static boolean plain(char c) {
    return c >= ' ' && c != '"' && c != '\\';
  }

  private char escaped() throws Malformed {
    char c = current();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int unit = 0;
        for (int i = 0; i < 4; i++, at++) {
          if (!HexFormat.isHexDigit(current())) {
            throw malformed(at);
          }
          unit = unit << 4 | HexFormat.fromHexDigit(text[at]);
        }
        yield (char) unit;
      }
      default -> throw malformed(at - 1);
    };
  }

  private Json word(String word, Json value) throws Malformed {
    int end = Math.min(text.length, at + word.length());
    if (!word.contentEquals(CharBuffer.wrap(text, at, end - at))) {
      throw malformed(at);
    }
    at = end;
    return value;
  }

  private Num number() throws Malformed {
    int start = at;
    if (text[at] == '-') {
      at++;
    }
    if (is('0')) {
      at++;
    } else {
      digits(start);
    }
    if (is('.')) {
      at++;
      digits(start);
    }
    if (is('e') || is('E')) {
      at++;
      if (is('+') || is('-')) {
        at++;
      }
      digits(start);
    }
    return new Num(new String(text, start, at - start));
  }

  /// Reads one digit or more.
  private void digits(int start) throws Malformed {
    int from = at;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    if (at == from) {
      throw malformed(start);
    }
  }

  private boolean is(char c) {
    return at < text.length && text[at] == c;
  }

  private void expect(char c) throws Malformed {
    if (next() != c) {
      throw malformed(at);
    }
  }

  /// The next character after white space; the caller moves past it.
  private char next() throws Malformed {
    skipSpace();
    return current();
  }

  private char current() throws Malformed {
    if (at >= text.length) {
      throw new Malformed("the JSON text ends early");
    }
    return text[at];
  }

  private void skipSpace() {
    while (at < text.length && isSpace(text[at])) {
      at++;
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private Malformed malformed(int position) {
    String before = new String(text, 0, position);
    long line = before.chars().filter(c -> c == '\n').count() + 1;
    int column = position - before.lastIndexOf('\n');
    return new Malformed("not JSON at line " + line + " column " + column);
  }
}
