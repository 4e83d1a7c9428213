package dsql.db.query;

import dsql.action.Failure;
import dsql.action.Query;
import dsql.action.Result.ColumnHead;
import dsql.action.Result.Queried;
import dsql.db.connect.AnswerTooLarge;
import dsql.db.fault.AmbiguousCommit;
import dsql.db.jdbc.Catalog;
import dsql.db.jdbc.Parameters;
import dsql.db.jdbc.ReplyLimit;
import dsql.db.jdbc.ServerFeatures;
import dsql.db.jdbc.ServerFeatures.Choice;
import dsql.db.jdbc.ServerFeatures.Feature;
import dsql.db.jdbc.StaleShape;
import dsql.db.pool.Lease;
import dsql.db.retry.Retry;
import dsql.db.retry.Retry.Repeat;
import dsql.sql.Parameter;
import dsql.sql.Position;
import dsql.sql.SelectSql;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.PGStatement;

/// Runs queries, each of which reads one page in a read-only transaction.
///
/// The driver holds a statement's whole answer in memory, and 10,000 rows of up to 2 MiB do not fit
/// there. So rows are read in steps of as many as should fill a reply, as estimated from the types
/// of their columns or from earlier rows of that kind; in most queries the first step is the whole
/// page. An answer that is too large all the same is cut off and read again in smaller steps.
///
/// Safe for concurrent use.
public final class Queries {

  /// Limit on the fields of one answer, because the driver makes an array of each.
  private static final int MAX_FIELDS = 200_000;

  /// The bytes assumed for a column of unbounded width until rows have been read.
  private static final int UNBOUNDED = 4096;

  /// Limit on the entries of [#steps].
  private static final int MAX_REMEMBERED = 1000;

  /// The rows of the first step, by the text that selects them: the smallest number that ever
  /// fitted, because the same columns may hold wide rows for one query and narrow ones for another.
  private final Map<String, Integer> steps = new ConcurrentHashMap<>();

  private final Catalog catalog;
  private final ServerFeatures features;
  private final int maxStep;

  /// @param maxStep limit on the rows of the first step
  public Queries(Catalog catalog, ServerFeatures features, int maxStep) {
    this.catalog = catalog;
    this.features = features;
    this.maxStep = maxStep;
  }

  /// Reads one page.
  ///
  /// @param limit on the size of the reply
  public Queried run(Retry.Session session, Query query, ReplyLimit limit)
      throws SQLException, AmbiguousCommit {
    boolean grows = true;
    while (true) {
      boolean mayGrow = grows;
      try {
        return session.run(
            Repeat.IDEMPOTENT,
            lease ->
                features.run(
                    lease,
                    choice ->
                        catalog.with(
                            lease,
                            query.table(),
                            shape -> page(lease, query, shape, limit, mayGrow, choice))));
      } catch (StepTooLarge _) {
        // The next attempt has a smaller step, down to one row. The proof of the shape was lost
        // with the answer.
        catalog.forget(query.table());
        grows = false;
      }
    }
  }

  /// The answer had too many bytes; the next attempt reads fewer rows at once.
  private static final class StepTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StepTooLarge(SQLException cause) {
      super(cause);
    }
  }

  /// Reads the page.
  ///
  /// @param grows whether a step after narrow rows may be larger; false once that made an answer
  ///   too large
  /// @throws StaleShape if the table's shape has changed
  /// @throws StepTooLarge if the page must be read again, on another connection
  private Queried page(
      Lease lease, Query query, TableShape shape, ReplyLimit limit, boolean grows, Choice choice)
      throws SQLException {
    SelectSql select = SelectSql.of(query, shape);
    int all = query.limit() + 1;
    int least = select.inOneStep() ? 2 : 1;
    boolean whole = select.inOneStep() && grows;
    int most = whole ? all : Math.clamp(MAX_FIELDS / select.width(), least, all);
    int step = whole ? all : Math.clamp(remembered(select), least, most);
    Page page = new Page(query, select, limit);
    try {
      read(
          lease,
          query,
          select,
          new Steps(step, grows ? most : step),
          page,
          shape.proof().question(),
          choice);
    } catch (SQLException e) {
      if (!AnswerTooLarge.isCauseOf(e)) {
        throw e;
      }
      if (step == least && !grows) {
        throw new Failure(Page.ROW_TOO_LARGE, e);
      }
      remember(select, step / 16);
      throw new StepTooLarge(e);
    }
    if (page.truncated() || (step < most && page.count() > 0)) {
      // An eighth more than would have filled the page.
      long fitting = limit.bytes() * page.count() / Math.max(1, page.used());
      remember(select, fitting + fitting / 8 + 1);
    }
    return page.queried();
  }

  private int remembered(SelectSql select) {
    int known = steps.getOrDefault(select.source(), 0);
    return Math.min(maxStep, known == 0 ? first(select) : known);
  }

  private void remember(SelectSql select, long step) {
    if (steps.size() >= MAX_REMEMBERED) {
      steps.clear();
    }
    steps.merge(select.source(), Math.clamp(step, 1, Query.MAX_LIMIT + 1), Math::min);
  }

  private static int first(SelectSql select) {
    long width = 1;
    for (ColumnHead column : select.columns()) {
      // A character has up to four bytes.
      width += 4L * column.type().maxTextLength().orElse(UNBOUNDED / 4);
    }
    return Math.clamp(AnswerTooLarge.LIMIT * 3 / 4 / width, 1, Query.MAX_LIMIT + 1);
  }

  /// The numbers of rows that are read at once.
  ///
  /// @param first the rows of the first step
  /// @param most limit on the rows of a step
  private record Steps(int first, int most) {

    /// The rows of the next step: up to eight times as many, as far as rows of the width so far
    /// stay well below the limit on an answer.
    int after(int step, Page page) {
      long width = page.used() / Math.max(1, page.count()) + 1;
      long fitting = AnswerTooLarge.LIMIT / 8 / width;
      return Math.clamp(Math.min(8L * step, fitting), step, most);
    }
  }

  private static void read(
      Lease lease,
      Query query,
      SelectSql select,
      Steps steps,
      Page page,
      String question,
      Choice choice)
      throws SQLException {
    Optional<Position> after = select.start();
    boolean atOnce = choice.uses(Feature.ONE_ROUND_TRIP);
    if (!atOnce) {
      begin(lease, question);
      if (query.total()) {
        run(lease.timed(), select.total(), new Results(false, true, page, 0));
      }
    }
    boolean begins = atOnce;
    int step = steps.first();
    while (true) {
      int missing = query.limit() + 1 - page.count();
      int requested = Math.min(missing, step);
      boolean all = requested == missing;
      Sql sql =
          select.page(after, requested, select.mayGoInPieces() && choice.uses(Feature.PIECES));
      Sql first = begins ? beginning(query, select, question, sql) : sql;
      Sql last = atOnce && all ? new Sql(first.text() + "; COMMIT", first.parameters()) : first;
      run(lease.timed(), last, new Results(begins, begins && query.total(), page, requested));
      if (atOnce && all) {
        return;
      }
      if (all || page.ended()) {
        try (Statement commit = lease.timed().createStatement()) {
          commit.execute("COMMIT");
        }
        return;
      }
      after = page.position();
      begins = false;
      step = steps.after(step, page);
    }
  }

  /// The transaction's beginning together with its first rows, for one round trip.
  private static Sql beginning(Query query, SelectSql select, String question, Sql rows) {
    String begin = "BEGIN READ ONLY; " + question + "; ";
    if (!query.total()) {
      return new Sql(begin + rows.text(), rows.parameters());
    }
    Sql total = select.total();
    List<Parameter> parameters = new ArrayList<>(total.parameters());
    parameters.addAll(rows.parameters());
    return new Sql(begin + total.text() + "; " + rows.text(), parameters);
  }

  /// Begins the transaction and proves the shape, each in a round trip of its own.
  private static void begin(Lease lease, String question) throws SQLException {
    try (Statement statement = lease.timed().createStatement()) {
      statement.execute("BEGIN READ ONLY");
    }
    try (Statement statement = lease.timed().createStatement();
        ResultSet proof = statement.executeQuery(question)) {
      check(proof);
    }
  }

  // The driver sends all statements of the text in one round trip, where setReadOnly and commit
  // would take two. It stops doing so once it knows the widths of the result's columns, because it
  // then guards against a deadlock with a server that sends wide rows. It learns them when it
  // prepares a statement that has a parameter of unknown type; so such a statement is never
  // prepared. A failure leaves the transaction open, and the lease rolls it back.
  private static void run(Connection connection, Sql sql, Results results) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            sql.text(), ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
      if (!Parameters.areTyped(sql.parameters())) {
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      Parameters.bind(statement, sql.parameters());
      boolean rows = statement.execute();
      while (!rows) {
        rows = statement.getMoreResults();
      }
      results.take(statement);
    }
  }

  /// The results of one round trip, in the order of their statements.
  ///
  /// @param proof whether the first proves the shape
  /// @param total whether the next is the number of all rows
  /// @param requested the limit on the page's rows in the last; 0 if there are none
  private record Results(boolean proof, boolean total, Page page, int requested) {

    void take(PreparedStatement statement) throws SQLException {
      if (proof) {
        check(statement.getResultSet());
        statement.getMoreResults();
      }
      if (total) {
        ResultSet count = statement.getResultSet();
        count.next();
        page.total(count.getLong(1));
        statement.getMoreResults();
      }
      if (requested > 0) {
        try (ResultSet result = statement.getResultSet()) {
          page.take(result, requested);
        }
      }
    }
  }

  private static void check(ResultSet proof) throws SQLException {
    if (!proof.next() || !proof.getBoolean(1)) {
      throw new StaleShape();
    }
  }
}
