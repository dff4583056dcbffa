/** As much of a JSON Schema as Elly's OpenAPI document uses. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly minLength?: number;
}

/**
 * A value that the schema allows, with every property. `idOf` gives an id for the property of that name.
 * @throws Error that says what is to be added when the schema is of a kind that is not known here.
 */
export function sampleOf(schema: Schema, name: string, idOf: (name: string) => string): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  const [either] = schema.anyOf ?? schema.oneOf ?? [];
  if (either !== undefined) return sampleOf(either, name, idOf);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, property]) => [key, sampleOf(property, key, idOf)]),
      );
    case 'array':
      return schema.items === undefined ? [] : [sampleOf(schema.items, name, idOf)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      if (schema.format === 'uuid') return idOf(name);
      if (schema.format === 'email') return 'somebody@example.com';
      return 'x'.repeat(Math.max(schema.minLength ?? 1, 1));
    default:
      throw new Error(
        `"${name}" is of a kind that test/tenancy/sample.ts has no sample for: ${JSON.stringify(schema)}`,
      );
  }
}

/** Whether ids stand anywhere in it. */
export function holdsIds(schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  if (schema.format === 'uuid') return true;
  return [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    schema.items,
  ].some(holdsIds);
}
