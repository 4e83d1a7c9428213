package dsql.db;

import dsql.action.Failure;
import dsql.action.Problem;
import dsql.action.Query;
import dsql.action.Result.ColumnHead;
import dsql.action.Result.Queried;
import dsql.db.pool.AnswerTooLarge;
import dsql.db.pool.Lease;
import dsql.sql.Position;
import dsql.sql.SelectSql;
import dsql.sql.Sql;
import dsql.sql.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.PGStatement;

/// Reads one page in a read-only transaction.
///
/// The driver holds a statement's whole answer in memory, where 10,000 rows of up to 2 MiB have no
/// place. So rows are asked for in steps of as many as should fill a reply, by what their columns
/// allow or by what rows of that kind have turned out to be; mostly the first step is the whole
/// page. An answer that grows too large all the same is cut off, and asked for again in smaller
/// steps.
///
/// Safe for concurrent use.
final class SelectRows {

  /// Fields of one answer at most: the driver makes an array of each.
  private static final int MAX_FIELDS = 200_000;

  /// Bytes that a column of unbounded width is taken for, until rows have been seen.
  private static final int UNBOUNDED = 4096;

  /// Kinds of rows remembered at most.
  private static final int MAX_REMEMBERED = 1000;

  /// Rows to ask for at once, by what is selected.
  private final Map<String, Integer> steps = new ConcurrentHashMap<>();

  private final int maxStep;

  /// @param maxStep rows asked for at once at most
  SelectRows(int maxStep) {
    this.maxStep = maxStep;
  }

  /// The answer had too many bytes; the next attempt asks for fewer rows.
  static final class StepTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StepTooLarge(SQLException cause) {
      super(cause);
    }
  }

  /// Reads the page.
  ///
  /// @throws StepTooLarge when it is to be run again on another connection
  Queried run(Lease lease, Query query, TableShape shape, PageLimit limit) throws SQLException {
    SelectSql select = SelectSql.of(query, shape);
    int most = Math.clamp(MAX_FIELDS / select.width(), 1, query.limit() + 1);
    int step = select.pageable() ? Math.min(most, remembered(select)) : most;
    Page page = new Page(query, select, limit);
    try {
      read(lease, query, select, step, page);
    } catch (SQLException e) {
      if (!AnswerTooLarge.isCauseOf(e)) {
        throw e;
      }
      if (!select.pageable()) {
        throw SelectSql.noSecondPage();
      }
      if (step == 1) {
        throw new Failure(ROW_TOO_LARGE, e);
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
    steps.put(select.source(), Math.clamp(step, 1, Query.MAX_LIMIT + 1));
  }

  private static int first(SelectSql select) {
    long width = 1;
    for (ColumnHead column : select.columns()) {
      // A character has up to four bytes.
      width += 4L * column.type().maxTextLength().orElse(UNBOUNDED / 4);
    }
    return Math.clamp(AnswerTooLarge.LIMIT * 3 / 4 / width, 1, Query.MAX_LIMIT + 1);
  }

  private static void read(Lease lease, Query query, SelectSql select, int step, Page page)
      throws SQLException {
    Optional<Position> after = select.start();
    String begin = "BEGIN READ ONLY; ";
    while (true) {
      int missing = query.limit() + 1 - page.count();
      int asked = Math.min(missing, step);
      boolean all = asked == missing;
      Sql sql = select.page(after, asked);
      run(
          lease.timed(),
          new Sql(begin + sql.text() + (all ? "; COMMIT" : ""), sql.parameters()),
          asked,
          page);
      if (all) {
        return;
      }
      if (page.ended()) {
        try (Statement commit = lease.timed().createStatement()) {
          commit.execute("COMMIT");
        }
        return;
      }
      after = page.position();
      begin = "";
    }
  }

  // The driver sends what the text holds as one batch: a single round trip, where setReadOnly and
  // commit would take two. It does so while it has not asked the server to describe the SELECT,
  // after which it fears a deadlock with a server that sends rows of any width. It asks for a
  // server-side statement with a parameter whose type it does not know: so such a one is never
  // prepared. A failure leaves the transaction open, and the lease rolls it back.
  private static void run(Connection connection, Sql sql, int asked, Page page)
      throws SQLException {
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
      try (ResultSet result = statement.getResultSet()) {
        page.take(result, asked);
      }
    }
  }

  private static final Problem ROW_TOO_LARGE =
      Problem.of(
          Problem.Code.ROW_TOO_LARGE,
          "A row is larger than the function can hold. Select fewer columns.");
}
