package dsql.sql;

import dsql.action.ColumnType;
import dsql.action.ColumnType.Base;
import dsql.action.Identifier;
import dsql.sql.TableShape.ColumnShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Brings an expression, as the catalog prints it or as [LiteralFilter] writes it, into a form in
/// which equal expressions are equal texts. It drops redundant parentheses, and casts that change
/// nothing: those of a literal, whose type follows from what it is compared with, and those of a
/// column to a type that compares alike. It keeps every other cast. Confined to one thread.
public final class ExpressionText {

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?:E(?='))?'((?:[^']|'')*+)'|\"((?:[^\"]|\"\")*+)\"|(\\d[\\d.]*(?:[eE][+-]?\\d+)?)"
              + "|([A-Za-z_\\x80-\\uffff][\\w$\\x80-\\uffff]*)|(::|[-+*/<>=~!@#%^&|`?]+|[\\[\\](),.]))");

  private static final Pattern TYPE =
      Pattern.compile(
          "\\s*(?:character varying|double precision|bit varying"
              + "|(?:timestamp|time)(?:\\(\\d\\))? with(?:out)? time zone"
              + "|\"(?:[^\"]|\"\")*+\"|[\\w$.]+)(?:\\(\\d+(?:,-?\\d+)?\\))?((?:\\[\\])*)");

  /// A part of an expression: a literal, a column, another word or sign, or a group of parts.
  private sealed interface Node {
    record Literal(String text) implements Node {}

    record Name(String text) implements Node {}

    record Sign(String text) implements Node {}

    record Group(String open, List<Node> nodes) implements Node {}
  }

  private final String text;
  private final TableShape shape;
  private int at;

  private ExpressionText(String text, TableShape shape) {
    this.text = text;
    this.shape = shape;
  }

  /// The form of one expression.
  public static String of(String expression, TableShape shape) {
    return String.join(",", list(expression, shape));
  }

  /// The forms of several expressions, separated by commas.
  public static List<String> list(String expressions, TableShape shape) {
    List<String> forms = new ArrayList<>();
    List<Node> part = new ArrayList<>();
    for (Node node : new ExpressionText(expressions, shape).nodes("")) {
      if (node.equals(new Node.Sign(","))) {
        forms.add(form(part));
        part.clear();
      } else {
        part.add(node);
      }
    }
    forms.add(form(part));
    return forms;
  }

  private List<Node> nodes(String close) {
    List<Node> nodes = new ArrayList<>();
    Matcher token = TOKEN.matcher(text);
    while (at < text.length()) {
      token.region(at, text.length());
      if (!token.lookingAt()) {
        // No expression that is written here has such a sign, so that it equals none.
        nodes.add(new Node.Sign(text.substring(at)));
        at = text.length();
        break;
      }
      at = token.end();
      String sign = token.group(5);
      if (token.group(1) != null) {
        String literal = token.group(1).replace("''", "'");
        boolean escaped = token.group().stripLeading().startsWith("E");
        nodes.add(new Node.Literal(escaped ? literal.replace("\\\\", "\\") : literal));
      } else if (token.group(2) != null) {
        nodes.add(new Node.Name(token.group(2).replace("\"\"", "\"")));
      } else if (token.group(3) != null) {
        nodes.add(new Node.Literal(token.group(3)));
      } else if (token.group(4) != null) {
        nodes.add(word(token.group(4)));
      } else if (sign.equals(close)) {
        break;
      } else if (sign.equals("(")) {
        addGroup(nodes, nodes(")"));
      } else if (sign.equals("[")) {
        nodes.add(new Node.Group("[", List.copyOf(nodes("]"))));
      } else if (sign.equals("::")) {
        cast(nodes);
      } else {
        nodes.add(new Node.Sign(sign));
      }
    }
    return nodes;
  }

  private Node word(String word) {
    String folded = word.toLowerCase(Locale.ROOT);
    if (folded.equals("true") || folded.equals("false")) {
      return new Node.Literal(folded);
    }
    return shape.columns().containsKey(word) ? new Node.Name(word) : new Node.Sign(folded);
  }

  /// Adds what is in parentheses. They are redundant around one part, or one call of a function,
  /// and its casts, which bind more tightly than any operator.
  private static void addGroup(List<Node> nodes, List<Node> inner) {
    int operand = isCall(inner) ? 2 : Math.min(1, inner.size());
    boolean casts = true;
    for (Node node : inner.subList(operand, inner.size())) {
      casts &= node instanceof Node.Sign(String sign) && sign.startsWith("::");
    }
    if (casts && !inner.isEmpty()) {
      nodes.addAll(inner);
    } else {
      nodes.add(new Node.Group("(", List.copyOf(inner)));
    }
  }

  private static boolean isCall(List<Node> nodes) {
    return nodes.size() > 1
        && nodes.get(0) instanceof Node.Sign(String word)
        && Character.isLetter(word.charAt(0))
        && !word.equals("not")
        && nodes.get(1) instanceof Node.Group(String open, _)
        && open.equals("(");
  }

  private void cast(List<Node> nodes) {
    Matcher type = TYPE.matcher(text).region(at, text.length());
    if (!type.lookingAt() || nodes.isEmpty()) {
      nodes.add(new Node.Sign("::"));
      return;
    }
    at = type.end();
    String name = type.group().strip();
    // A modifier, as in numeric(6,2), may change even a literal.
    if (name.indexOf('(') >= 0 || !changesNothing(nodes.getLast(), name)) {
      nodes.add(new Node.Sign("::" + ColumnType.ofCatalog(name).sql()));
    }
  }

  private boolean changesNothing(Node node, String type) {
    return switch (node) {
      case Node.Literal _ -> true;
      case Node.Name(String column) -> comparesAlike(column, type);
      case Node.Group(String _, List<Node> nodes) -> isArrayOfLiterals(nodes);
      case Node.Sign _ -> false;
    };
  }

  private static boolean isArrayOfLiterals(List<Node> nodes) {
    return nodes.size() == 2
        && nodes.getFirst().equals(new Node.Sign("array"))
        && nodes.getLast() instanceof Node.Group(String _, List<Node> elements)
        && elements.stream()
            .allMatch(one -> one instanceof Node.Literal || one.equals(new Node.Sign(",")));
  }

  private boolean comparesAlike(String column, String type) {
    Optional<ColumnShape> known = shape.column(new Identifier(column));
    Base from = known.isPresent() ? known.get().type().base() : Base.OTHER;
    Base to = ColumnType.ofCatalog(type).base();
    return switch (from) {
      case VARCHAR, TEXT -> to == Base.TEXT;
      case SMALLINT, INTEGER, BIGINT -> to == Base.NUMERIC;
      default -> false;
    };
  }

  /// Writes the parts, with conditions that the same word joins in one group.
  private static String form(List<Node> nodes) {
    StringBuilder form = new StringBuilder();
    String joins = joins(nodes);
    for (Node node : nodes) {
      form.append(form.isEmpty() ? "" : " ");
      switch (node) {
        case Node.Literal(String literal) -> form.append(LiteralFilter.quoted(literal));
        case Node.Name(String name) -> form.append(new Identifier(name).quoted());
        case Node.Sign(String sign) -> form.append(sign);
        case Node.Group(String open, List<Node> inner) -> {
          boolean same = !joins.isEmpty() && joins.equals(joins(inner));
          form.append(same ? "" : open).append(form(inner));
          form.append(same ? "" : open.equals("(") ? ")" : "]");
        }
      }
    }
    return form.toString();
  }

  /// The word, AND or OR, that joins the parts; empty if it is neither.
  private static String joins(List<Node> nodes) {
    for (String word : List.of("and", "or")) {
      if (nodes.contains(new Node.Sign(word))) {
        return word;
      }
    }
    return "";
  }
}
