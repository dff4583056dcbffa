import type { FaultCode, ProviderContext, ProviderRequest, ProviderResponse } from '../../contract.js';
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
export function refusedList(fault: ProviderFault | null, what: string, scope: string): ProviderFault {
  return new ProviderFault(
    'forbidden-scope',
    `Greenhouse refused to list ${what}: the scope ${scope} is missing, or the user who connected is not a Site Admin. Ask a Site Admin to connect again, best as a service account.`,
    {
      ...(fault === null ? {} : { cause: fault }),
      ...(fault?.status === undefined ? {} : { status: fault.status }),
      ...(fault?.request === undefined ? {} : { request: fault.request }),
    },
  );
}

/** One kind of write, in words for whoever asked for it. */
export interface WriteWords {
  /** What was to be done: "move the application". */
  readonly what: string;
  readonly scopes: readonly string[];
  /** What a refusal (422) can mean, and what to do: sentences behind "Greenhouse did not …". */
  readonly refused: string;
  /** What a 404 means. */
  readonly gone: string;
}

/**
 * Sends one write, once. A refusal becomes a sentence for a recruiter; an outcome that nobody knows (no answer, 5xx, no JSON)
 * is passed on as it is.
 *
 * @throws ProviderFault `forbidden-scope` without asking when the authorisation is known to lack a scope.
 */
export async function writeOnce(
  { http, scopes }: Pick<ProviderContext<unknown>, 'http' | 'scopes'>,
  request: Required<Pick<ProviderRequest, 'method' | 'path'>> & Pick<ProviderRequest, 'json'>,
  words: WriteWords,
): Promise<ProviderResponse> {
  const missing = scopes.length === 0 ? undefined : words.scopes.find((scope) => !scopes.includes(scope));
  if (missing !== undefined) {
    throw new ProviderFault(
      'forbidden-scope',
      `This connection may not ${words.what} in Greenhouse: it was not granted ${missing}. Ask Greenhouse Partner Support to add it to the app, then ask a Site Admin to connect again.`,
    );
  }
  let response: ProviderResponse;
  try {
    response = await http.request({ ...request, accept: [422] });
  } catch (error) {
    throw inWords(error, words);
  }
  if (response.status !== 422) return response;
  const { fields } = wordsOf(response.body);
  const objects = fields.length === 0 ? '' : ` (it objects to ${fields.join(', ')})`;
  throw new ProviderFault('invalid-request', `Greenhouse did not ${words.what}${objects}. ${words.refused}`, {
    status: 422,
    request: `${request.method} ${request.path}`,
  });
}

function inWords(error: unknown, { what, scopes, gone }: WriteWords): unknown {
  if (!(error instanceof ProviderFault)) return error;
  const details = {
    cause: error,
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.request === undefined ? {} : { request: error.request }),
  };
  if (error.code === 'not-found') return new ProviderFault('not-found', gone, details);
  if (error.code !== 'forbidden-scope') return error;
  const names = scopes.join(' or ');
  return new ProviderFault(
    'forbidden-scope',
    `Greenhouse does not let this connection ${what}: the scope ${names} is missing, or the user who connected may not do it. Ask a Site Admin to connect again, best as a service account.`,
    details,
  );
}
