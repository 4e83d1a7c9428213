/// Requests decoded from JSON, with RFC 6901 pointers to each fault, and results encoded.
@NullMarked
package dsql.codec;

import org.jspecify.annotations.NullMarked;
