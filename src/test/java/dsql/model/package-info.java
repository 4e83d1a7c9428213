/// The protocol of keyed inserts as a small model, and an explorer that visits all of its states.
/// See `docs/ledger-model.md`.
@NullMarked
package dsql.model;

import org.jspecify.annotations.NullMarked;
