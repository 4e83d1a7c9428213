package dsql.db.jdbc;

import java.sql.SQLException;

/// The table is no longer what it was when its shape was read. Nothing was written; with the shape
/// read anew the same transaction may be run again, as after any conflict.
public final class StaleShape extends SQLException {

  private static final long serialVersionUID = 1L;

  public StaleShape() {
    super("The table changed while the statement ran.", "40001");
  }
}
