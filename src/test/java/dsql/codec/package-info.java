/// Tests of decoding requests and encoding results.
@NullMarked
package dsql.codec;

import org.jspecify.annotations.NullMarked;
