import type { StreamSpec } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, pagesOf } from './contract-check.js';
import type { Responder, ScriptedAnswer } from './provider-context.js';
import { wrongWith } from './record-shapes.js';
import { respondFrom } from './exchange.js';

/** What a field may turn into from one day to the next. */
const ODD: readonly unknown[] = [null, 7, -1.5, 'odd', '', [], {}, [null], true, 'constructor'];

interface Place {
  readonly path: string;
  readonly key: string;
}

export const ODD_ROW_CHECKS: readonly ContractCheck[] = [
  {
    title: 'makes of a row with any odd field a proper record, a rejected row or a fault, and never another error',
    run: async (subject) => {
      for (const stream of subject.provider.streams) {
        for (const place of await placesOf(subject, stream)) {
          for (const value of ODD) await readWith(subject, stream, place, value);
        }
      }
    },
  },
];

/** Every key of the first row of every list that the stream asks for. */
async function placesOf({ scenario, context }: Subject, stream: StreamSpec<unknown>): Promise<readonly Place[]> {
  const respond = respondFrom(scenario.account);
  const places = new Map<string, Place>();
  const spy: Responder = async (request) => {
    const answer = await respond(request);
    for (const key of Object.keys(firstRowOf(answer) ?? {}))
      places.set(`${request.path} ${key}`, { path: request.path, key });
    return answer;
  };
  await pagesOf(stream, context(spy));
  return [...places.values()];
}

async function readWith(
  { scenario, context }: Subject,
  stream: StreamSpec<unknown>,
  { path, key }: Place,
  value: unknown,
): Promise<void> {
  const where = `stream "${stream.name}", with ${key} of ${path} as ${JSON.stringify(value)},`;
  const respond = respondFrom(scenario.account);
  const twist: Responder = async (request) => {
    const answer = await respond(request);
    if (request.path !== path || answer === 'no-answer') return answer;
    const twisted = structuredClone(answer);
    const row = firstRowOf(twisted);
    if (row !== null) row[key] = value;
    return twisted;
  };
  try {
    for (const record of (await pagesOf(stream, context(twist))).flatMap((page) => page.records)) {
      const wrong = wrongWith(record);
      demand(wrong === null, `${where} yields a record in which ${wrong}`);
    }
  } catch (error) {
    if (error instanceof ProviderFault) return;
    throw error instanceof Error && error.message.startsWith(where)
      ? error
      : new Error(`${where} ends in ${String(error)}`, { cause: error });
  }
}

/** The first object of the list that an answer is or holds. */
function firstRowOf(answer: ScriptedAnswer | 'no-answer'): Record<string, unknown> | null {
  const body = answer === 'no-answer' ? null : answer.body;
  const lists = Array.isArray(body) ? [body] : Object.values(typeof body === 'object' && body !== null ? body : {});
  const rows: unknown[] = lists.find((list) => Array.isArray(list)) ?? [];
  const row = rows[0];
  return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : null;
}
