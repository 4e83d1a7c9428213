/// The API description, held true: `schemas/` and `openapi.yaml` against what the function takes
/// and answers.
@org.jspecify.annotations.NullMarked
package dsql.schema;
