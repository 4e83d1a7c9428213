package dsql.db;

import dsql.sql.Parameter;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.postgresql.util.PGobject;

/// Binds parameters. Text goes without a type, so that the server takes it for the type of the
/// column it meets, by that type's own input rules.
final class Parameters {

  private Parameters() {}

  static void bind(PreparedStatement statement, List<Parameter> parameters) throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      if (parameter instanceof Parameter.Text(String value)) {
        statement.setObject(i + 1, value, Types.OTHER);
      } else if (parameter instanceof Parameter.Numeric(String digits)) {
        statement.setObject(i + 1, numeric(digits));
      } else if (parameter instanceof Parameter.Bytes bytes) {
        statement.setBytes(i + 1, bytes.value());
      } else {
        statement.setNull(i + 1, Types.OTHER);
      }
    }
  }

  private static PGobject numeric(String digits) throws SQLException {
    PGobject object = new PGobject();
    object.setType("numeric");
    object.setValue(digits);
    return object;
  }
}
