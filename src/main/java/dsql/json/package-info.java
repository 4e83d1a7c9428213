/// JSON text to requests, and results to JSON text; faults carry RFC 6901 pointers.
@NullMarked
package dsql.json;

import org.jspecify.annotations.NullMarked;
