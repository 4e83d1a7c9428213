/// Tests of reading and writing JSON.
@NullMarked
package dsql.json;

import org.jspecify.annotations.NullMarked;
