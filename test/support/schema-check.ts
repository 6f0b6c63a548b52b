/** The part of JSON Schema that the service's OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly [other: string]: unknown;
}

const CHECKED = new Set(['$ref', 'type', 'enum', 'properties', 'required', 'additionalProperties', 'items', 'pattern']);
const ABOUT_INPUT = new Set(['description', 'example', 'format', 'maxLength', 'maxItems', 'uniqueItems']);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/**
 * What of a value is not as a schema says, in sentences; none if it all is.
 * @throws Error for a keyword that is not known here, so that none is passed over
 */
export function faultsOf(
  value: unknown,
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  at = '$',
): string[] {
  const unknown = Object.keys(schema).find((keyword) => !CHECKED.has(keyword) && !ABOUT_INPUT.has(keyword));
  if (unknown) throw new Error(`schema keyword ${unknown} is not checked: teach schema-check.ts`);
  if (schema.$ref) return faultsOf(value, schemas[schema.$ref.split('/').at(-1)!]!, schemas, at);
  const types = [schema.type ?? []].flat();
  const type = typeOf(value);
  if (types.length > 0 && !types.includes(type)) return [`${at} is ${type}, not ${types.join(' or ')}`];
  const faults: string[] = [];
  if (schema.enum && !schema.enum.includes(value)) faults.push(`${at} is ${String(value)}`);
  if (schema.pattern && !new RegExp(schema.pattern).test(String(value))) faults.push(`${at} does not match`);
  if (type === 'array' && schema.items) {
    faults.push(...(value as unknown[]).flatMap((item, n) => faultsOf(item, schema.items!, schemas, `${at}[${n}]`)));
  }
  if (type === 'object') faults.push(...propertyFaults(value as Record<string, unknown>, schema, schemas, at));
  return faults;
}

function propertyFaults(
  value: Readonly<Record<string, unknown>>,
  { properties = {}, required = [], additionalProperties }: Schema,
  schemas: Readonly<Record<string, Schema>>,
  at: string,
): string[] {
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const schema = properties[name];
      if (schema) return faultsOf(inner, schema, schemas, `${at}.${name}`);
      return additionalProperties === false ? [`${at}.${name} is not in the schema`] : [];
    }),
  ];
}
