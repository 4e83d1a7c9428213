package dsql.json;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A JSON value as it was written: its members are in order, and numbers keep their digits.
public sealed interface Json {

  /// An object.
  ///
  /// @param members in order, with distinct names (the first of duplicates is kept)
  record Obj(List<Member> members) implements Json {
    public Obj {
      members = List.copyOf(members);
    }

    /// The member of that name, or null.
    public @Nullable Json get(String name) {
      for (Member member : members) {
        if (member.name.equals(name)) {
          return member.value;
        }
      }
      return null;
    }
  }

  /// A name and its value.
  record Member(String name, Json value) {}

  record Arr(List<Json> elements) implements Json {
    public Arr {
      elements = List.copyOf(elements);
    }
  }

  record Str(String value) implements Json {}

  /// A number.
  ///
  /// @param literal the digits as written
  record Num(String literal) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  /// The name of this kind of value in an error.
  default String kind() {
    return switch (this) {
      case Obj _ -> "an object";
      case Arr _ -> "an array";
      case Str _ -> "a string";
      case Num _ -> "a number";
      case Bool _ -> "a boolean";
      case Null _ -> "null";
    };
  }

  /// Writes the value as it was read, but without white space.
  default void writeTo(JsonWriter out) {
    switch (this) {
      case Obj(List<Member> members) -> {
        out.beginObject();
        for (Member member : members) {
          member.value.writeTo(out.name(member.name));
        }
        out.endObject();
      }
      case Arr(List<Json> elements) -> {
        out.beginArray();
        for (Json element : elements) {
          element.writeTo(out);
        }
        out.endArray();
      }
      case Str(String value) -> out.value(value);
      case Num(String literal) -> out.literal(literal);
      case Bool(boolean value) -> out.value(value);
      case Null _ -> out.nullValue();
    }
  }
}
