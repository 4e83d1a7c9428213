/// Benchmarks: each line a ratio to a peer that ran in the same minute on the same machine. [Bench]
/// is the program; `peer` is what it compares with.
@NullMarked
package dsql.bench;

import org.jspecify.annotations.NullMarked;
