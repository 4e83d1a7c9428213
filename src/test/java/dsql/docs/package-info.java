/// That the pages for people agree with the code and with each other.
@NullMarked
package dsql.docs;

import org.jspecify.annotations.NullMarked;
