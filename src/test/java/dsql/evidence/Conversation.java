package dsql.evidence;

import dsql.evidence.Construct.Kind;
import dsql.local.session.Tap;
import dsql.local.sql.Statement;
import dsql.local.wire.Message;
import dsql.local.wire.ProtocolException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One connection of the function, message by message. Confined to one thread.
final class Conversation implements Tap.Line {

  /// Types of parameters, by their number; others are told by it.
  private static final Map<Integer, String> TYPES =
      Map.ofEntries(
          Map.entry(0, "none"),
          Map.entry(16, "boolean"),
          Map.entry(17, "bytea"),
          Map.entry(20, "bigint"),
          Map.entry(21, "smallint"),
          Map.entry(23, "integer"),
          Map.entry(25, "text"),
          Map.entry(114, "json"),
          Map.entry(700, "real"),
          Map.entry(701, "double precision"),
          Map.entry(1042, "bpchar"),
          Map.entry(1043, "varchar"),
          Map.entry(1082, "date"),
          Map.entry(1083, "time"),
          Map.entry(1114, "timestamp"),
          Map.entry(1184, "timestamptz"),
          Map.entry(1186, "interval"),
          Map.entry(1266, "timetz"),
          Map.entry(1700, "numeric"),
          Map.entry(2950, "uuid"),
          Map.entry(3802, "jsonb"));

  private record Prepared(Reduced statement, String text, List<String> types) {}

  private final Collector collector;
  private final Map<String, Prepared> statements = new HashMap<>();
  private final Map<String, Prepared> portals = new HashMap<>();

  // Since the last Sync.
  private final List<String> steps = new ArrayList<>();
  private final Set<Prepared> bound = Collections.newSetFromMap(new IdentityHashMap<>());
  private String last = "";

  Conversation(Collector collector) {
    this.collector = collector;
  }

  @Override
  public void received(Message message) throws ProtocolException {
    Message.Body body = message.read();
    switch (message.type()) {
      case 'P' -> parse(body);
      case 'B' -> bind(body);
      case 'D' -> protocol("Describe of a " + kind(body.character()));
      case 'E' -> execute(body);
      case 'S' -> sync();
      case 'Q' -> query(body.string());
      case 'C' -> protocol("Close of a " + kind(body.character()));
      case 'X' -> protocol("Terminate");
      default -> protocol("message " + message.type());
    }
  }

  private static String kind(char of) {
    return of == 'S' ? "statement" : "portal";
  }

  private void parse(Message.Body body) throws ProtocolException {
    String name = body.string();
    String text = body.string();
    List<String> types = new ArrayList<>();
    for (int count = body.int16(); count > 0; count--) {
      int type = body.int32();
      String known = TYPES.getOrDefault(type, "number " + type);
      types.add(known);
    }
    last = text;
    statements.put(name, new Prepared(collector.statement(text), text, types));
    protocol(name.isEmpty() ? "unnamed statement" : "named statement");
    for (String type : types) {
      protocol("parameter, type " + type);
    }
  }

  private void bind(Message.Body body) throws ProtocolException {
    String portal = body.string();
    Prepared prepared = statements.get(body.string());
    if (prepared == null) {
      return;
    }
    last = prepared.text;
    portals.put(portal, prepared);
    protocol(portal.isEmpty() ? "unnamed portal" : "named portal");
    if (!bound.add(prepared)) {
      boolean returning = prepared.statement.returning();
      protocol("one statement bound several times" + (returning ? ", with RETURNING" : ""));
    }
    List<Integer> formats = numbers(body);
    for (int i = 0; i < formats.size(); i++) {
      if (formats.get(i) == 1) {
        protocol("parameter in binary, type " + prepared.types.get(i));
      }
    }
    for (int count = body.int16(); count > 0; count--) {
      body.skip();
    }
    if (numbers(body).contains(1)) {
      protocol("result in binary");
    }
  }

  private static List<Integer> numbers(Message.Body body) throws ProtocolException {
    List<Integer> numbers = new ArrayList<>();
    for (int count = body.int16(); count > 0; count--) {
      numbers.add(body.int16());
    }
    return numbers;
  }

  private void execute(Message.Body body) throws ProtocolException {
    Prepared prepared = portals.get(body.string());
    if (prepared != null) {
      steps.add(prepared.statement.step());
    }
    protocol(body.int32() > 0 ? "Execute of some rows" : "Execute of all rows");
  }

  private void query(String text) {
    last = text;
    protocol("simple query");
    for (Statement statement : Statement.split(text)) {
      steps.add(collector.statement(statement.text()).step());
    }
    if (steps.isEmpty()) {
      steps.add(collector.statement("").step());
    }
    sync();
  }

  private void sync() {
    String text = steps.isEmpty() ? "nothing" : String.join(", ", folded(steps));
    collector.found(new Construct(Kind.SYNC, text), last);
    steps.clear();
    bound.clear();
  }

  /// The same several times in a row is told once.
  private static List<String> folded(List<String> steps) {
    List<String> folded = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      String step = steps.get(i);
      boolean repeats = i > 0 && step.equals(steps.get(i - 1));
      if (!repeats) {
        folded.add(step);
      } else if (!folded.getLast().endsWith("×n")) {
        folded.set(folded.size() - 1, step + "×n");
      }
    }
    return folded;
  }

  private void protocol(String text) {
    collector.found(new Construct(Kind.PROTOCOL, text), last);
  }
}
