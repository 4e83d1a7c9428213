package dsql.evidence;

import java.util.Set;

/// A statement without its names and values.
///
/// @param verb what it does, in a word or a few
/// @param returning whether it is a write that returns rows
/// @param constructs all that it consists of
record Reduced(String verb, boolean returning, Set<Construct> constructs) {

  Reduced {
    constructs = Set.copyOf(constructs);
  }

  /// What it counts as in a sequence.
  String step() {
    return returning ? verb + " RETURNING" : verb;
  }
}
