package dsql.bench;

import java.util.List;

/// Some rows of the table that are measured together.
interface Part {

  /// Measures them.
  ///
  /// @throws Exception when it cannot be measured, or a reply was wrong
  List<Row> run(Settings settings) throws Exception;
}
