import type { ZodError, ZodType } from 'zod';
import { ProviderFault } from './fault.js';
import type { RejectedRecord } from './page.js';
import type { RecordKind } from './records.js';

export interface ParsedRows<Row> {
  readonly rows: readonly Row[];
  readonly rejected: readonly RejectedRecord[];
}

/**
 * The rows of one page through their schema: what does not parse is rejected with its reason, the rest goes on.
 *
 * @throws ProviderFault `unexpected-shape` when the page has rows and not one of them says who it is (a page of nulls):
 * that is the ATS failing, and taking it for rejected rows would let the sync run past everything the page should have held.
 */
export function parseRows<Row>(rows: readonly unknown[], kind: RecordKind, schema: ZodType<Row>): ParsedRows<Row> {
  const parsed: Row[] = [];
  const rejected: RejectedRecord[] = [];
  for (const row of rows) {
    const result = schema.safeParse(row);
    if (result.success) parsed.push(result.data);
    else rejected.push({ kind, remoteId: readRowId(row), reason: describeIssues(result.error) });
  }
  if (parsed.length === 0 && rejected.length > 0 && rejected.every((row) => row.remoteId === null)) {
    throw new ProviderFault(
      'unexpected-shape',
      `The ATS sent a page of ${rejected.length} ${kind} rows of which not one has an id. Nothing of it was taken; if it lasts, report it to the maintainers.`,
    );
  }
  return { rows: parsed, rejected };
}

/** `id` of a row that may be anything at all. */
export function readRowId(row: unknown): string | null {
  if (typeof row !== 'object' || row === null || !('id' in row)) return null;
  const { id } = row;
  if (typeof id === 'string' && id !== '') return id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null;
}

/** Field and expectation of what is wrong, never the value: reasons are stored and shown, values are people. */
export function describeIssues(error: ZodError): string {
  const shown = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    const expectation =
      issue.code === 'invalid_union' ? describeUnion(issue.errors) : issue.message.replace(/^Invalid input: /, '');
    return `${path.replace(/^\./, '') || 'row'}: ${expectation}`;
  });
  const more = error.issues.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function describeUnion(branches: readonly (readonly { readonly code: string; readonly message: string }[])[]): string {
  const expectations = branches.map((issues) => {
    const message = issues[0]?.message ?? 'something else';
    return message.replace(/^Invalid input: (expected )?/, '').replace(/, received .*$/, '');
  });
  return `expected ${[...new Set(expectations)].join(' or ')}`;
}
