package dsql.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dsql.action.ActionName;
import dsql.action.Fault;
import dsql.action.Identifier;
import dsql.action.Problem;
import dsql.action.Result;
import dsql.action.Result.Chunk;
import dsql.action.Result.ColumnHead;
import dsql.action.Result.Created;
import dsql.action.Result.Inserted;
import dsql.action.Result.Queried;
import dsql.action.Result.Step;
import dsql.action.Result.Ticked;
import dsql.action.Result.Truncation;
import dsql.action.Rows;
import dsql.json.JsonWriter;
import dsql.json.LowerCase;
import org.jspecify.annotations.Nullable;

/// Encodes results and problems.
public final class ResultEncoder {

  /// The beginning of every problem's `type`; the code follows.
  private static final String PROBLEM_TYPE = "urn:dsql:problem:";

  private ResultEncoder() {}

  /// The result object.
  public static byte[] encode(Result result) {
    return switch (result) {
      case Created created -> created(created);
      case Inserted inserted -> inserted(inserted);
      case Queried queried -> queried(queried);
      case Ticked ticked -> ticked(ticked);
    };
  }

  private static JsonWriter begin(ActionName action, Identifier table, int capacity) {
    return new JsonWriter(capacity)
        .beginObject()
        .name("action")
        .value(action.text())
        .name("table")
        .value(table.name());
  }

  private static byte[] created(Created created) {
    JsonWriter out = begin(ActionName.CREATE, created.table(), 512);
    out.name("outcome").value(created.outcome());
    out.name("steps").beginArray();
    for (Step step : created.steps()) {
      out.beginObject().name("statement").value(step.statement());
      out.name("outcome").value(LowerCase.of(step.outcome()));
      step.jobId().ifPresent(jobId -> out.name("jobId").value(jobId));
      step.detail().ifPresent(detail -> out.name("detail").value(detail));
      out.endObject();
    }
    return out.endArray().endObject().toByteArray();
  }

  private static byte[] inserted(Inserted inserted) {
    byte[] rows = inserted.rows().isPresent() ? inserted.rows().get().json() : new byte[0];
    JsonWriter out = begin(ActionName.INSERT, inserted.table(), 512 + rows.length);
    out.name("outcome").value(inserted.outcome());
    out.name("replayed").value(inserted.replayed());
    out.name("attempts").value(inserted.attempts());
    if (inserted.attempts() > 1) {
      out.name("waitedMillis").value(inserted.waitedMillis());
    }
    out.name("counts").beginObject().name("received").value(inserted.received());
    out.name("written").value(inserted.written());
    out.name("skipped").value(inserted.handled() - inserted.written()).endObject();
    if (inserted.rows().isPresent()) {
      out.name("rows").json(rows);
    }
    if (!inserted.chunks().isEmpty()) {
      out.name("chunks").beginArray();
      inserted.chunks().forEach(chunk -> write(chunk, out));
      out.endArray();
    }
    return out.endObject().toByteArray();
  }

  private static void write(Chunk chunk, JsonWriter out) {
    out.beginObject().name("rows").beginArray();
    out.value(chunk.first()).value(chunk.last()).endArray();
    out.name("outcome").value(LowerCase.of(chunk.outcome()));
    chunk
        .problem()
        .ifPresent(problem -> {
          out.name("code").value(LowerCase.of(problem.code()));
          problem.sqlState().ifPresent(state -> out.name("sqlstate").value(state));
          out.name("detail").value(problem.detail());
        });
    out.endObject();
  }

  private static byte[] queried(Queried queried) {
    Rows rows = queried.rows();
    JsonWriter out = begin(ActionName.QUERY, queried.table(), 1024 + rows.json().length);
    out.name("columns").beginArray();
    for (ColumnHead column : queried.columns()) {
      out.beginObject().name("name").value(column.name());
      out.name("type").value(column.type().sql()).endObject();
    }
    out.endArray().name("rows").json(rows.json());
    out.name("page").beginObject().name("count").value(rows.count());
    out.name("hasMore").value(queried.hasMore()).name("nextCursor");
    text(out, queried.nextCursor().orElse(null)).name("truncatedBy");
    text(out, word(queried.truncatedBy().orElse(null)));
    if (queried.total().isPresent()) {
      out.name("total").json(Long.toString(queried.total().getAsLong()).getBytes(US_ASCII));
    }
    return out.endObject().endObject().toByteArray();
  }

  private static @Nullable String word(@Nullable Truncation truncation) {
    return switch (truncation) {
      case BYTES -> "bytes";
      case NO_KEY -> "noKey";
      case null -> null;
    };
  }

  private static JsonWriter text(JsonWriter out, @Nullable String text) {
    return text == null ? out.nullValue() : out.value(text);
  }

  private static byte[] ticked(Ticked ticked) {
    JsonWriter out = new JsonWriter().beginObject().name("action").value("tick");
    out.name("outcome").value(ticked.outcome()).name("pool").beginObject();
    out.name("total").value(ticked.connections()).name("idle").value(ticked.idle());
    out.name("opened").value(ticked.opened()).name("closed").value(ticked.closed());
    out.endObject().name("ledger").beginObject().name("pruned").value(ticked.pruned());
    if (ticked.more()) {
      out.name("more").value(true);
    }
    return out.endObject().endObject().toByteArray();
  }

  /// The problem object.
  ///
  /// @param action null where it is not known
  /// @param attempts transactions that the invocation began
  public static byte[] encode(
      Problem problem, @Nullable ActionName action, int attempts, String requestId) {
    String code = LowerCase.of(problem.code());
    JsonWriter out = new JsonWriter().beginObject().name("type").value(PROBLEM_TYPE + code);
    out.name("title").value(problem.code().title()).name("status").value(problem.code().status());
    out.name("detail").value(problem.detail()).name("code").value(code);
    problem.sqlState().ifPresent(state -> out.name("sqlstate").value(state));
    if (action != null) {
      out.name("action").value(action.text());
    }
    out.name("outcome").value(LowerCase.of(problem.outcome()));
    out.name("retryable").value(problem.retryable());
    if (attempts > 0) {
      out.name("attempts").value(attempts);
    }
    out.name("requestId").value(requestId);
    if (!problem.errors().isEmpty()) {
      out.name("errors").beginArray();
      for (Fault fault : problem.errors()) {
        out.beginObject().name("pointer").value(fault.pointer());
        out.name("code").value(LowerCase.of(fault.code()));
        out.name("detail").value(fault.detail()).endObject();
      }
      out.endArray();
    }
    if (!problem.differences().isEmpty()) {
      out.name("differences").beginArray();
      problem.differences().forEach(out::value);
      out.endArray();
    }
    return out.endObject().toByteArray();
  }
}
