import type { FaultCode } from '../../contract.js';
import { ProviderFault } from '../../contract.js';

interface Reading {
  readonly statuses: readonly number[];
  /** Text in the error body's message, code or OAuth error. Only ever matched, never quoted. */
  readonly says?: RegExp;
  readonly code: FaultCode;
  readonly message: string;
}

/** Lever Data API docs, Error codes; first match wins, what matches none gets the usual reading of its status. */
const READINGS: readonly Reading[] = [
  {
    statuses: [400, 404, 409, 410, 422],
    says: /invalid offset token/i,
    code: 'cursor-expired',
    message: 'Lever forgot the place at which this sync stood. Elly starts the list again; nothing is imported twice.',
  },
  {
    statuses: [400, 401, 403],
    says: /\binvalid_grant\b/,
    code: 'auth-revoked',
    message: 'Lever ended this authorisation. Ask a Lever Super Admin to connect again.',
  },
  {
    statuses: [400, 401, 403],
    says: /\b(invalid_client|unauthorized_client|access_denied)\b|client ?id not found/i,
    code: 'invalid-request',
    message:
      'Lever does not know this client id and secret. Check clientId and clientSecret in the options of Lever, and that they belong to the environment (production or sandbox) of apiUrl and authUrl.',
  },
  {
    statuses: [401, 403],
    says: /signing key/i,
    code: 'auth-revoked',
    message:
      'The authorisation belongs to another Lever environment (sandbox and production are separate). Set region, or apiUrl, authUrl and audience, to one environment and connect again.',
  },
  {
    statuses: [400],
    says: /\bperform_as\b/,
    code: 'invalid-request',
    message:
      'This Lever account takes no change without a user in whose name it is made. Set the acting Lever user of the connection, or link the person who asked for it to their Lever user, and ask again.',
  },
  {
    statuses: [400],
    says: /\banonym(ous|i[sz]ed)\b/i,
    code: 'invalid-request',
    message: 'Lever anonymised this person, and nothing of an anonymised person can be changed.',
  },
  {
    statuses: [401],
    code: 'auth-revoked',
    message: 'Lever no longer accepts this authorisation. Ask a Lever Super Admin to connect again.',
  },
  {
    statuses: [403],
    code: 'forbidden-scope',
    message:
      'Lever refused this to the connection: a permission is missing. Ask a Lever Super Admin to connect again and to approve everything that is asked for.',
  },
  {
    statuses: [422],
    code: 'invalid-request',
    message:
      'Lever could not process this file or request, so nothing came of it. Look at it in Lever; the rest of the sync goes on.',
  },
  {
    statuses: [503],
    code: 'unavailable',
    message:
      'Lever is being maintained (HTTP 503). Elly tries again by itself; https://status.lever.co says how long it takes.',
  },
];

export function classify({ status, body }: { readonly status: number; readonly body: unknown }): ProviderFault | null {
  const said = wordsOf(body);
  const reading = READINGS.find(
    (row) => row.statuses.includes(status) && (row.says === undefined || row.says.test(said)),
  );
  return reading === undefined ? null : new ProviderFault(reading.code, reading.message, { status });
}

function wordsOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { code, message, error, error_description: description } = body as Readonly<Record<string, unknown>>;
  return [code, message, error, description].filter((part) => typeof part === 'string').join(' ');
}

/** Lists that need a scope of their own say which one is missing. */
export function missingScope(fault: ProviderFault, what: string, scope: string): ProviderFault {
  return new ProviderFault(
    'forbidden-scope',
    `Lever refused to list ${what}: the scope ${scope} is missing. Ask a Lever Super Admin to connect again and to approve everything that is asked for.`,
    {
      cause: fault,
      ...(fault.status === undefined ? {} : { status: fault.status }),
      ...(fault.request === undefined ? {} : { request: fault.request }),
    },
  );
}
