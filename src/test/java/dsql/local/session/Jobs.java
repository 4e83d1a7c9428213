package dsql.local.session;

import dsql.local.fault.ExistingIndex;
import dsql.local.session.Backend.Sink;
import dsql.local.session.Backend.Stall;
import dsql.local.session.Contention.Outcome;
import dsql.local.sql.Command.IamMapping;
import dsql.local.sql.Command.Job;
import dsql.local.sql.JobId;
import dsql.local.wire.Message;
import dsql.local.wire.Messages;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Statements PostgreSQL has not got: asynchronous jobs and the mapping of roles.
///
/// Both are functions of the `sys` schema, run in the client's own transaction and with its rights.
/// A job does its work there and then. Its success is told through `sys.jobs` at once or, if jobs
/// are `pending`, when the cluster says so; until then its index is not valid.
final class Jobs {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Backend backend;
  private final Stall force;
  private final Cluster cluster;

  Jobs(Backend backend, Stall force, Cluster cluster) {
    this.backend = backend;
    this.force = force;
    this.cluster = cluster;
  }

  /// What a client is told of a job's result before it runs: a column, or that there is none.
  static Message description(Job job, Cluster cluster) {
    boolean nothing =
        !job.unless().isEmpty()
            && cluster.faults.answers().existingIndex() == ExistingIndex.NO_RESULT
            && cluster.observer.isTaken(job.table(), job.unless());
    return nothing ? Message.NO_DATA : Messages.textColumn("job_id");
  }

  /// The job's one row, described first if the client has had no chance to ask; less than that if
  /// there is no job.
  Outcome start(Job job, boolean describe) throws IOException {
    String id = JobId.next(RANDOM);
    List<Message> rows = new ArrayList<>();
    Message error =
        run(
            rows::add,
            "SELECT sys.run_job(%s, %s, %s, %s, %s, %s, %s)",
            id,
            job.type(),
            job.sql(),
            job.otherwise(),
            job.table(),
            Boolean.toString(cluster.jobsTakeTime()),
            job.unless());
    if (error != null) {
      return new Outcome(List.of(), error);
    }
    boolean started = false;
    for (Message row : rows) {
      started |= row.type() == 'D' && isTrue(row);
    }
    ExistingIndex existing = cluster.faults.answers().existingIndex();
    List<Message> messages = new ArrayList<>();
    if (describe && (started || existing != ExistingIndex.NO_RESULT)) {
      messages.add(Messages.textColumn("job_id"));
    }
    if (started || existing == ExistingIndex.NULL_ROW) {
      messages.add(Messages.textRow(started ? id : null));
    }
    messages.add(Messages.commandComplete(job.tag()));
    return new Outcome(messages, null);
  }

  private static boolean isTrue(Message row) throws IOException {
    Message.Body body = row.read();
    body.int16();
    return "t".equals(body.value());
  }

  Outcome map(IamMapping mapping) throws IOException {
    Message error = null;
    for (String arn : mapping.arns()) {
      if (error == null) {
        error =
            run(
                _ -> {},
                "SELECT sys.map_role(%s, %s, %s)",
                mapping.role(),
                arn,
                Boolean.toString(mapping.grant()));
      }
    }
    String tag = mapping.grant() ? "AWS IAM GRANT" : "AWS IAM REVOKE";
    return new Outcome(List.of(Messages.commandComplete(tag)), error);
  }

  private @Nullable Message run(Sink sink, String call, String... arguments) throws IOException {
    Message earlier = backend.settle(_ -> {}, force);
    if (earlier != null) {
      return earlier;
    }
    Object[] quoted = new Object[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      quoted[i] = "'" + arguments[i].replace("'", "''") + "'";
    }
    return backend.run(call.formatted(quoted), sink, force);
  }
}
