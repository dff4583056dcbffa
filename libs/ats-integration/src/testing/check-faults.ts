import type { FaultCode, ProviderFault } from '../contract/fault.js';
import { secretsOf } from './check-authorisation.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, demandEqual, faultFrom, pagesOf, wholeOf } from './contract-check.js';
import type { Responder, ScriptedAnswer } from './provider-context.js';
import { respondFrom } from './exchange.js';

interface BadDay {
  readonly title: string;
  readonly answer: ScriptedAnswer | 'no-answer';
  readonly code: FaultCode;
  readonly retryAfterMs?: number;
}

const PERSON = 'canary.person@example.test';

/** Bodies say what they should not, so that a provider which quotes them is found out. */
const refused = (status: number, headers: Record<string, string> = {}): ScriptedAnswer => ({
  status,
  headers,
  body: {
    message: `refused for ${PERSON}`,
    errors: [{ field: 'email', message: `${PERSON} is odd` }, `${PERSON} again`],
  },
});

/** What happens to every ATS, and what it must be called. */
const BAD_DAYS: readonly BadDay[] = [
  { title: 'the authorisation was withdrawn (401)', answer: refused(401), code: 'auth-revoked' },
  { title: 'a permission is missing (403)', answer: refused(403), code: 'forbidden-scope' },
  { title: 'the list does not exist (404)', answer: refused(404), code: 'not-found' },
  { title: 'the place is gone (410)', answer: refused(410), code: 'cursor-expired' },
  { title: 'the request is wrong (422)', answer: refused(422), code: 'invalid-request' },
  {
    title: 'there were too many requests (429), with seconds to wait',
    answer: refused(429, { 'retry-after': '7' }),
    code: 'rate-limited',
    retryAfterMs: 7000,
  },
  {
    title: 'there were too many requests (429), with a moment to wait for',
    answer: refused(429, { 'retry-after': 'Mon, 23 Nov 2026 10:00:30 GMT' }),
    code: 'rate-limited',
    retryAfterMs: 30_000,
  },
  { title: 'there were too many requests (429), with no word of how long', answer: refused(429), code: 'rate-limited' },
  { title: 'the ATS failed (500)', answer: refused(500), code: 'unavailable' },
  {
    title: 'a proxy failed with a page of HTML (502)',
    answer: { status: 502, text: '<html>Bad gateway</html>' },
    code: 'unavailable',
  },
  { title: 'the ATS is being maintained (503)', answer: refused(503), code: 'unavailable' },
  { title: 'nothing came back in time', answer: 'no-answer', code: 'unavailable' },
  { title: 'the JSON was cut short', answer: { text: '{"data": [{"id": 1, "na' }, code: 'unexpected-shape' },
  {
    title: 'a log-in page came instead of JSON',
    answer: { text: '<!doctype html><title>Log in</title>' },
    code: 'unexpected-shape',
  },
  { title: 'the JSON is of another shape', answer: { body: 'surprise' }, code: 'unexpected-shape' },
];

export const FAULT_CHECKS: readonly ContractCheck[] = [
  ...BAD_DAYS.map(({ title, answer, code, retryAfterMs }): ContractCheck => ({
    title: `says ${code} when ${title}`,
    run: async (subject) => {
      for (const { name, fault } of await faultsOf(subject, () => answer)) {
        demand(fault.code === code, `stream "${name}" says ${fault.code} when ${title}`);
        demand(
          code !== 'rate-limited' || fault.retryAfterMs === retryAfterMs,
          `stream "${name}" waits ${fault.retryAfterMs} ms instead of ${retryAfterMs}`,
        );
      }
    },
  })),
  {
    title: 'says no secret and nothing of what a refusal said, in any fault',
    run: async (subject) => {
      const hidden = [PERSON, subject.scenario.accessToken ?? 'canary-access', ...secretsOf(subject.scenario.config)];
      for (const { title, answer } of BAD_DAYS) {
        const echo = (): ScriptedAnswer | 'no-answer' =>
          answer === 'no-answer' || answer.text !== undefined
            ? answer
            : {
                ...answer,
                body: { message: hidden.join(' '), error: hidden[0], errors: hidden.map((word) => ({ word })) },
              };
        for (const { name, fault } of await faultsOf(subject, echo)) {
          for (let link: unknown = fault; link instanceof Error; link = link.cause) {
            const said = `${link.message} ${String(link)}`;
            demand(!hidden.some((word) => said.includes(word)), `stream "${name}" quotes the refusal when ${title}`);
          }
        }
      }
    },
  },
  {
    title: 'keeps the pages before a fault: what came is yielded, and the cursor behind it yields the rest',
    run: async ({ provider, scenario, context }) => {
      for (const stream of provider.streams) {
        const healthy = respondFrom(scenario.account);
        const all = await pagesOf(stream, context());
        if (all.length < 2) continue;
        let broken = false;
        const work = context((request) => (broken ? { status: 500 } : healthy(request)));
        const pages = stream.pages(work, wholeOf(stream), null)[Symbol.asyncIterator]();
        const first = await pages.next();
        demand(first.done !== true, `stream "${stream.name}" yields nothing`);
        broken = true;
        const fault = await faultFrom(() => pages.next(), `stream "${stream.name}" over a server that failed`);
        demand(fault.code === 'unavailable', `stream "${stream.name}" says ${fault.code} of a server that failed`);
        demandEqual(
          await pagesOf(stream, context(), first.value.next),
          all.slice(1),
          `stream "${stream.name}" lost something to a fault`,
        );
      }
    },
  },
];

/** Every stream, from its start, over an ATS that always answers the same. */
async function faultsOf(
  { provider, context }: Subject,
  respond: Responder,
): Promise<readonly { name: string; fault: ProviderFault }[]> {
  const faults: { name: string; fault: ProviderFault }[] = [];
  for (const stream of provider.streams) {
    const fault = await faultFrom(() => pagesOf(stream, context(respond)), `stream "${stream.name}"`);
    faults.push({ name: stream.name, fault });
  }
  return faults;
}
