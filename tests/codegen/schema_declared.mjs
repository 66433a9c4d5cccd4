// What a schema says when it is read as servers mean it (codegen/README.md), written by the letter:
// the declared types are held against that.
//
// - Without `type`, values are of the kinds that the keywords speak of.
// - An object has the properties that are described, and no others.

const kindsOf = {
  properties: 'object', required: 'object', additionalProperties: 'object', patternProperties: 'object',
  propertyNames: 'object', minProperties: 'object', maxProperties: 'object', dependentRequired: 'object',
  dependentSchemas: 'object', dependencies: 'object', unevaluatedProperties: 'object',
  items: 'array', prefixItems: 'array', additionalItems: 'array', contains: 'array', minItems: 'array',
  maxItems: 'array', uniqueItems: 'array', unevaluatedItems: 'array',
  minLength: 'string', maxLength: 'string', pattern: 'string',
  minimum: 'number', maximum: 'number', exclusiveMinimum: 'number', exclusiveMaximum: 'number', multipleOf: 'number',
};
const isSchema = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const eachIn = (map, change) => Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, change(schema)]));

// Of a value: a property, an element, the whole.
const ofValues = { properties: eachIn, patternProperties: eachIn, items: one, additionalProperties: one, additionalItems: one, prefixItems: list, contains: one };
// Of a value that others describe as well.
const ofParts = { allOf: list, anyOf: list, oneOf: list, $defs: eachIn, definitions: eachIn, then: one, else: one };

function one(schema, change) {
  return Array.isArray(schema) ? schema.map(change) : change(schema);
}

function list(schemas, change) {
  return schemas.map(change);
}

function withKinds(schema) {
  const kinds = [...new Set(Object.keys(schema).map((keyword) => kindsOf[keyword]).filter(Boolean))];
  return 'type' in schema || kinds.length === 0 ? schema : { ...schema, type: kinds };
}

function declared(schema, whole) {
  if (!isSchema(schema)) return schema;
  const read = withKinds({ ...schema });
  for (const [keyword, each] of Object.entries(ofValues)) if (keyword in read) read[keyword] = each(read[keyword], (part) => declared(part, true));
  for (const [keyword, each] of Object.entries(ofParts)) if (keyword in read) read[keyword] = each(read[keyword], (part) => declared(part, false));
  if (whole && !('$ref' in read) && !('additionalProperties' in read) && !('unevaluatedProperties' in read)) read.unevaluatedProperties = false;
  return read;
}

export function asDeclared(schema) {
  return declared(schema, true);
}
