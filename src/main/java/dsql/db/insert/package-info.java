/// The action insert: with a key or without, whole or in chunks, and the ledger of keys.
@NullMarked
package dsql.db.insert;

import org.jspecify.annotations.NullMarked;
