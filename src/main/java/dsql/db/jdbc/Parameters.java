package dsql.db.jdbc;

import dsql.sql.Parameter;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.postgresql.util.PGobject;

/// Binds parameters. A text without a type is sent without one, so that the server reads it by the
/// input rules of the column that it is for.
public final class Parameters {

  private Parameters() {}

  public static void bind(PreparedStatement statement, List<Parameter> parameters)
      throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      if (parameter instanceof Parameter.Text(String value)) {
        statement.setObject(i + 1, value, Types.OTHER);
      } else if (parameter instanceof Parameter.Typed(String value, String type)) {
        statement.setObject(i + 1, object(value, type));
      } else if (parameter instanceof Parameter.Bytes bytes) {
        statement.setBytes(i + 1, bytes.value());
      } else {
        statement.setNull(i + 1, Types.OTHER);
      }
    }
  }

  private static PGobject object(String value, String type) throws SQLException {
    PGobject object = new PGobject();
    object.setType(type);
    object.setValue(value);
    return object;
  }

  /// Whether the server has to infer the type of none of them.
  public static boolean areTyped(List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      if (parameter instanceof Parameter.Text || parameter instanceof Parameter.Null) {
        return false;
      }
    }
    return true;
  }
}
