package dsql.bench;

import dsql.bench.Measure.Absolute;
import dsql.tools.RelayCost;
import dsql.tools.RelayCost.Cost;
import java.sql.SQLException;
import java.util.List;

/// What the local endpoint itself takes of every round trip: part of both sides of each ratio.
final class Endpoint implements Part {

  @Override
  public List<Row> run(Settings settings) throws SQLException {
    List<Cost> costs = RelayCost.measure(settings.pick(3_000, 500), settings.pick(5_000, 1_000));
    return costs.stream()
        .map(cost ->
            new Row(
                "the local endpoint's share of a " + cost.what(),
                "over PostgreSQL direct, median",
                new Absolute("ms", cost.endpoint() - cost.direct()),
                Goal.NONE))
        .toList();
  }
}
