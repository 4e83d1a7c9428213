package dsql.model;

import java.util.EnumSet;
import java.util.Set;

/// How large a model is, and what may happen in it.
///
/// @param whole whether the insert is one transaction; in chunks otherwise
/// @param rows the rows of the request
/// @param chunk the most rows of a chunk, before any halving
/// @param tooLarge how many of the first rows no transaction may hold together; 0 for any number
/// @param senders how many invocations send the request, each once
/// @param lost the commits whose answer is lost; each may land at any time, or never
/// @param refusals the writes that the server refuses for a reason that passes
/// @param changes the changes of the table's definition
/// @param expiries how often the key expires
/// @param mutants the mistakes that are made
/// @param strict whether a reply must still be true at the moment in which it is given
record Scope(
    boolean whole,
    int rows,
    int chunk,
    int tooLarge,
    int senders,
    int lost,
    int refusals,
    int changes,
    int expiries,
    Set<Mutant> mutants,
    boolean strict) {

  static final int MAX_ROWS = 4;

  Scope {
    if (rows > MAX_ROWS || senders > World.MAX_SENDERS || lost > 3 || refusals > 3 || changes > 3) {
      throw new IllegalArgumentException("the model's state has no room for so much");
    }
    mutants = Set.copyOf(mutants);
  }

  /// An insert in chunks of one row each.
  static Scope chunks(int rows, int senders) {
    return new Scope(false, rows, 1, 0, senders, 0, 0, 0, 0, Set.of(), false);
  }

  /// An insert in chunks of two rows, of which the server takes the first two one by one only.
  static Scope halved(int rows, int senders) {
    return new Scope(false, rows, 2, 2, senders, 0, 0, 0, 0, Set.of(), false);
  }

  /// An insert in one transaction.
  static Scope whole(int senders) {
    return new Scope(true, 1, 1, 0, senders, 0, 0, 0, 0, Set.of(), false);
  }

  Scope with(int lost, int refusals, int changes, int expiries) {
    return new Scope(
        whole, rows, chunk, tooLarge, senders, lost, refusals, changes, expiries, mutants, strict);
  }

  /// The same with a mistake.
  Scope with(Mutant mutant) {
    Set<Mutant> all = EnumSet.of(mutant);
    all.addAll(mutants);
    return new Scope(
        whole, rows, chunk, tooLarge, senders, lost, refusals, changes, expiries, all, strict);
  }

  /// The same, with replies held to the moment in which they are given.
  Scope strictly() {
    return new Scope(
        whole, rows, chunk, tooLarge, senders, lost, refusals, changes, expiries, mutants, true);
  }

  boolean has(Mutant mutant) {
    return mutants.contains(mutant);
  }

  /// The row after the last of the chunk that begins there.
  int end(int from, boolean halved) {
    return whole ? rows : Math.min(rows, from + (halved ? Math.max(1, chunk / 2) : chunk));
  }

  /// Whether the server takes a transaction of these rows.
  boolean fits(int from, int to) {
    return whole || Math.min(to, tooLarge) - from <= 1;
  }
}
