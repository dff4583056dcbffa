import type { FaultCode } from '../../contract.js';
import { ProviderFault } from '../../contract.js';

interface Refusal {
  readonly status: number;
  /** The words of the body. Only ever matched, never quoted: they can echo a client id or a person. */
  readonly said: string;
  /** Names of the request's fields that Greenhouse objects to. */
  readonly fields: readonly string[];
}

interface Reading {
  readonly statuses: readonly number[];
  readonly when?: (refusal: Refusal) => boolean;
  readonly code: FaultCode;
  readonly message: string | ((refusal: Refusal) => string);
}

/** Harvest v3 docs, Authentication and Pagination; first match wins, what matches none gets the usual reading of its status. */
const READINGS: readonly Reading[] = [
  {
    statuses: [400, 401],
    when: ({ said }) => /\binvalid_grant\b/.test(said),
    code: 'auth-revoked',
    message: 'Greenhouse ended this authorisation. Ask a Greenhouse Site Admin to connect again.',
  },
  {
    statuses: [400, 401],
    when: ({ said }) => /\b(invalid_client|unauthorized_client)\b|client ID suffix/.test(said),
    code: 'invalid-request',
    message:
      'Greenhouse does not know this client id and secret, or they may not be used this way. Check clientId (it ends with a dash and a number) and clientSecret in the options of Greenhouse.',
  },
  {
    statuses: [401],
    code: 'auth-revoked',
    message: 'Greenhouse no longer accepts this authorisation. Ask a Greenhouse Site Admin to connect again.',
  },
  {
    statuses: [403],
    code: 'forbidden-scope',
    message:
      'Greenhouse refused this to the connection: a scope is missing, or the user who connected is not a Site Admin. Ask a Site Admin to connect again, best as a service account.',
  },
  {
    statuses: [400, 404, 422],
    // The other thing that is said of a cursor, that it must travel alone, is a mistake of ours and not a lost place.
    when: ({ said, fields }) => (fields.includes('cursor') || /cursor/i.test(said)) && !/do not include/i.test(said),
    code: 'cursor-expired',
    message:
      'Greenhouse forgot the place at which this sync stood. Elly starts the list again; nothing is imported twice.',
  },
  {
    statuses: [400, 422],
    code: 'invalid-request',
    message: ({ fields }) =>
      `Greenhouse refused the request as wrong${fields.length === 0 ? '' : ` (${fields.join(', ')})`}. Repeating it does not help; report it to the maintainers.`,
  },
];

export function classify({ status, body }: { readonly status: number; readonly body: unknown }): ProviderFault | null {
  const refusal: Refusal = { status, ...wordsOf(body) };
  const reading = READINGS.find((row) => row.statuses.includes(status) && (row.when?.(refusal) ?? true));
  if (reading === undefined) return null;
  const message = typeof reading.message === 'string' ? reading.message : reading.message(refusal);
  return new ProviderFault(reading.code, message, { status });
}

/** Errors are texts, `{ field: text }` or `{ field, message }`; which of them depends on the endpoint. */
function wordsOf(body: unknown): Pick<Refusal, 'said' | 'fields'> {
  if (!isObject(body)) return { said: '', fields: [] };
  const errors = Array.isArray(body['errors']) ? body['errors'] : [];
  const said = [body['message'], body['error'], body['error_description']];
  const fields: string[] = [];
  for (const error of errors) {
    if (!isObject(error)) said.push(error);
    else if (typeof error['field'] === 'string') {
      fields.push(error['field']);
      said.push(error['message']);
    } else {
      fields.push(...Object.keys(error));
      said.push(...Object.values(error));
    }
  }
  return {
    said: said.filter((part) => typeof part === 'string').join(' '),
    fields: fields.filter((name) => /^[a-z][a-z_]{0,40}$/.test(name)),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list that was refused says which scope it needs. */
export function refusedList(fault: ProviderFault, what: string, scope: string): ProviderFault {
  return new ProviderFault(
    'forbidden-scope',
    `Greenhouse refused to list ${what}: the scope ${scope} is missing, or the user who connected is not a Site Admin. Ask a Site Admin to connect again, best as a service account.`,
    {
      cause: fault,
      ...(fault.status === undefined ? {} : { status: fault.status }),
      ...(fault.request === undefined ? {} : { request: fault.request }),
    },
  );
}
