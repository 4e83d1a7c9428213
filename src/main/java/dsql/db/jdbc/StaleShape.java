package dsql.db.jdbc;

import java.sql.SQLException;

/// The table has changed since its shape was read. Nothing was written. The transaction may run
/// again, as after any conflict, with the shape read again.
public final class StaleShape extends SQLException {

  private static final long serialVersionUID = 1L;

  public StaleShape() {
    super("The table changed while the statement ran.", "40001");
  }
}
