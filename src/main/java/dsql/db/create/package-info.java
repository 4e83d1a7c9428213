/// The action create: a table and its indexes, or a comparison with the existing ones.
@NullMarked
package dsql.db.create;

import org.jspecify.annotations.NullMarked;
