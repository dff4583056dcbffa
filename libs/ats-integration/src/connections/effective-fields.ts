import type { AtsProvider } from '../contract/ats-provider.js';
import type { FieldDirection, FieldSpec, FieldTable } from '../contract/fields.js';
import type { RecordKind } from '../contract/records.js';
import { AtsError } from '../support/ats-error.js';
import { isNarrowed } from './connection-settings.js';
import type { ConnectionSettings } from './connection-settings.js';

type Writer = Pick<AtsProvider, 'manifest' | 'fieldChanges' | 'stageChanges'>;

/** What of a connection decides on its fields. No scopes: the authorisation server did not say what it granted. */
interface Granted {
  readonly settings: ConnectionSettings;
  readonly scopes: readonly string[];
}

/**
 * The fields of a connection with the direction that holds for it: what the manifest says, less what the provider has no
 * code to write or the connection no scope for, less what the customer narrowed. A custom field that was narrowed by itself is a row of its own.
 */
export function effectiveFields(provider: Writer, connection: Granted): FieldTable {
  const table = Object.entries(provider.manifest.fields).map(([kind, specs]) => [
    kind,
    specs.flatMap((spec) => rowsOf(provider, connection, kind as RecordKind, spec)),
  ]);
  return Object.fromEntries(table) as FieldTable;
}

/** Null: the ATS has no such field. */
export function effectiveDirection(
  provider: Writer,
  connection: Granted,
  kind: RecordKind,
  field: string,
): FieldDirection | null {
  const spec = specOf(provider, kind, field);
  if (spec === null) return null;
  if (isNarrowed(connection.settings, kind, field)) return 'read-only';
  return missingFieldScopes(provider, connection, kind).length > 0
    ? 'read-only'
    : greatestDirection(provider, kind, spec);
}

/** Scopes that writing fields of this kind would need and that were not granted. */
export function missingFieldScopes({ fieldChanges }: Writer, { scopes }: Granted, kind: RecordKind): readonly string[] {
  if (kind !== 'candidate' || fieldChanges === undefined || scopes.length === 0) return [];
  return fieldChanges.scopes.filter((scope) => !scopes.includes(scope));
}

/** What the manifest says of a field; of a custom field that it does not name, what it says of them all. */
export function specOf({ manifest }: Writer, kind: RecordKind, field: string): FieldSpec | null {
  const specs = manifest.fields[kind] ?? [];
  const named = specs.find((spec) => spec.field === field);
  if (named !== undefined || !/^customFields\../.test(field)) return named ?? null;
  return specs.find((spec) => spec.field === 'customFields') ?? null;
}

/**
 * A setting may make less of what the ATS allows, never more, and only of fields that there are.
 * @throws AtsError `invalid-request`
 */
export function assertNarrowing(provider: Writer, settings: Pick<ConnectionSettings, 'fields' | 'conflicts'>): void {
  const { name } = provider.manifest;
  const demand = (kind: RecordKind, field: string): FieldSpec => {
    const spec = specOf(provider, kind, field);
    if (spec !== null) return spec;
    throw new AtsError(
      'invalid-request',
      `${name} has no field "${field}" of a ${kind}. GET providers lists its fields.`,
      {
        details: { fields: [field] },
      },
    );
  };
  for (const [kind, fields] of Object.entries(settings.fields ?? {}) as [
    RecordKind,
    Record<string, FieldDirection>,
  ][]) {
    for (const [field, direction] of Object.entries(fields)) {
      const greatest = greatestDirection(provider, kind, demand(kind, field));
      if (direction === 'read-only' || greatest === 'bidirectional') continue;
      throw new AtsError(
        'invalid-request',
        `"${field}" of a ${kind} is read-only at ${name}, so it cannot be made bidirectional. A setting may only narrow.`,
        { details: { fields: [field] } },
      );
    }
  }
  for (const field of Object.keys(settings.conflicts?.fields ?? {})) demand('candidate', field);
}

function greatestDirection({ fieldChanges, stageChanges }: Writer, kind: RecordKind, spec: FieldSpec): FieldDirection {
  if (kind === 'candidate' && fieldChanges === undefined) return 'read-only';
  if (kind === 'application' && stageChanges === undefined) return 'read-only';
  return spec.direction;
}

function rowsOf(provider: Writer, connection: Granted, kind: RecordKind, spec: FieldSpec): FieldSpec[] {
  const directionOf = (field: string) => effectiveDirection(provider, connection, kind, field) ?? 'read-only';
  const row = { ...spec, direction: directionOf(spec.field) };
  if (spec.field !== 'customFields') return [row];
  const known = (provider.manifest.fields[kind] ?? []).map(({ field }) => field);
  const own = Object.keys(connection.settings.fields?.[kind] ?? {}).filter(
    (field) => field.startsWith('customFields.') && !known.includes(field),
  );
  const labelOf = (field: string) => `${spec.label}: ${field.slice('customFields.'.length)}`;
  return [row, ...own.map((field) => ({ field, label: labelOf(field), direction: directionOf(field) }))];
}
