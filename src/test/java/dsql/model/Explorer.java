package dsql.model;

import dsql.model.Sender.At;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Visits all states of a model, the nearest first, so that the way to a violation is as short as
/// can be. Confined to one thread.
final class Explorer {

  private final Scope scope;
  private final int width;
  private final boolean sorted;
  private final QuietResend resend;
  private final Protocol protocol;
  private final World scratch;

  /// The states, `width` words each, and a table of their numbers plus one by their hashes.
  private long[] states;

  private int[] parents = new int[1 << 10];
  private int[] table = new int[1 << 12];
  private int count;
  private long transitions;

  /// The state whose steps are taken.
  private int current;

  /// The sender whose step is taken; -1 for nobody's.
  private int acting = -1;

  /// What a way's steps are, where one is asked for.
  private int wanted = -1;

  private String found = "";

  /// What an exploration has seen.
  record Explored(int states, long transitions) {}

  Explorer(Scope scope) {
    this.scope = scope;
    this.width = scope.senders();
    // Of a mistake the way to it is wanted, in which each sender keeps its name.
    this.sorted = scope.mutants().isEmpty() && !scope.strict();
    this.states = new long[width << 10];
    this.resend = new QuietResend(scope);
    this.protocol = new Protocol(scope, false, this::reach);
    this.scratch = new World(scope);
  }

  /// Visits all states.
  ///
  /// @throws Violation at the nearest violation, with the steps that lead to it
  Explored run() {
    reach("", new World(scope));
    long[] words = new long[width];
    for (current = 0; current < count; current++) {
      System.arraycopy(states, current * width, words, 0, width);
      try {
        scratch.unpack(words);
        resend.check(scratch);
        steps(words);
      } catch (Violation violation) {
        throw violation.after(path());
      }
    }
    return new Explored(count, transitions);
  }

  private void steps(long[] words) {
    for (int sender = 0; sender < width; sender++) {
      acting = sender;
      protocol.step(words, sender);
      land(words, sender);
    }
    acting = -1;
    scratch.unpack(words);
    if (scratch.mayExpire()) {
      scratch.expired = true;
      scratch.expiries--;
      reach("the key expires", scratch);
      scratch.unpack(words);
    }
    if (scratch.present && scratch.expired) {
      scratch.removeKey();
      reach("the expired key is pruned", scratch);
      scratch.unpack(words);
    }
    if (scratch.changes > 0) {
      scratch.changeTable(scratch.fits);
      reach("the table changes", scratch);
      scratch.unpack(words);
      scratch.changeTable(!scratch.fits);
      reach("the table changes so that the request fits no longer, or again", scratch);
    }
  }

  /// A lost commit lands.
  private void land(long[] words, int sender) {
    for (int from = 0; from < Scope.MAX_ROWS; from++) {
      for (int to = from + 1; to <= Scope.MAX_ROWS; to++) {
        scratch.unpack(words);
        Sender by = scratch.senders[sender];
        if ((by.inFlight & Sender.flight(from, to)) != 0) {
          scratch.commit(by, from, to);
          if (by.at == At.ENDED) {
            by.end();
          }
          reach("'s lost commit lands", scratch);
        }
      }
    }
  }

  private void reach(String what, World world) {
    long[] words = new long[width];
    world.pack(words, sorted);
    if (wanted >= 0) {
      if (found.isEmpty()
          && Arrays.equals(words, 0, width, states, wanted * width, (wanted + 1) * width)) {
        found =
            (acting < 0 ? "" : "sender " + (char) ('A' + acting) + " ")
                + what
                + "  ["
                + world
                + "]";
      }
      return;
    }
    transitions += what.isEmpty() ? 0 : 1;
    int slot = slot(words);
    if (table[slot] == 0) {
      add(words);
      table[slot] = count;
      if (count * 2L > table.length) {
        grow();
      }
    }
  }

  private int slot(long[] words) {
    int mask = table.length - 1;
    long hash = 0;
    for (long word : words) {
      hash = (hash ^ word) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    int slot = (int) (hash ^ hash >>> 32) & mask;
    while (table[slot] != 0) {
      int at = (table[slot] - 1) * width;
      if (Arrays.equals(words, 0, width, states, at, at + width)) {
        return slot;
      }
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void add(long[] words) {
    if (count == parents.length) {
      parents = Arrays.copyOf(parents, count * 2);
      states = Arrays.copyOf(states, count * 2 * width);
    }
    System.arraycopy(words, 0, states, count * width, width);
    parents[count] = current;
    count++;
  }

  private void grow() {
    table = new int[table.length * 2];
    long[] words = new long[width];
    for (int i = 0; i < count; i++) {
      System.arraycopy(states, i * width, words, 0, width);
      table[slot(words)] = i + 1;
    }
  }

  /// The steps to the current state.
  private List<String> path() {
    List<String> path = new ArrayList<>();
    long[] words = new long[width];
    path.add("sender " + (acting < 0 ? "none" : (char) ('A' + acting)) + " acts, falsely");
    for (int at = current; at > 0; at = parents[at]) {
      wanted = at;
      found = "";
      System.arraycopy(states, parents[at] * width, words, 0, width);
      steps(words);
      path.add(found);
    }
    Collections.reverse(path);
    return path;
  }
}
