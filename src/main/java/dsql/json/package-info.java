/// A JSON library: text to values and back, with numbers kept as they are written.
@NullMarked
package dsql.json;

import org.jspecify.annotations.NullMarked;
