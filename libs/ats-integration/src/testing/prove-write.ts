import { isDeepStrictEqual } from 'node:util';
import type { FaultCode } from '../contract/fault.js';
import { secretsOf } from './check-authorisation.js';
import type { Subject } from './contract-check.js';
import { demand, faultFrom } from './contract-check.js';
import type { Responder, ScriptedAnswer, SentRequest, TestContext } from './provider-context.js';
import type { ExpectedWrite, WriteCase } from './scenario-parts.js';
import { asksFor, respondOver } from './exchange.js';

const PERSON = 'canary.person@example.test';

const refused = (status: number): ScriptedAnswer => ({
  status,
  body: { message: `refused for ${PERSON}`, errors: [{ field: 'email', message: PERSON }] },
});

interface Refusal {
  readonly title: string;
  readonly answer: ScriptedAnswer | 'no-answer';
  readonly code: FaultCode;
}

/** What a request that the ATS does not take must be called. The last three leave open whether it was taken. */
export const REFUSALS: readonly Refusal[] = [
  { title: 'the authorisation was withdrawn (401)', answer: refused(401), code: 'auth-revoked' },
  { title: 'a permission is missing (403)', answer: refused(403), code: 'forbidden-scope' },
  { title: 'the record is gone (404)', answer: refused(404), code: 'not-found' },
  { title: 'the request is wrong (422)', answer: refused(422), code: 'invalid-request' },
  { title: 'there were too many requests (429)', answer: refused(429), code: 'rate-limited' },
  { title: 'the ATS failed (500)', answer: refused(500), code: 'unavailable' },
  { title: 'nothing came back in time', answer: 'no-answer', code: 'unavailable' },
  { title: 'a log-in page came back', answer: { text: '<!doctype html>' }, code: 'unexpected-shape' },
];

/** Does the work on the ATS as it is before the write and, once that has arrived, as it is after it; then looks at what was sent. */
export async function proveWrite<Result>(
  subject: Subject,
  { before, write, after }: WriteCase,
  what: string,
  work: (context: TestContext<unknown>, written: () => boolean) => Promise<Result>,
): Promise<Result> {
  const writes: SentRequest[] = [];
  const [first, then] = [before, after].map((part) => respondOver(part, subject.scenario.account)) as [
    Responder,
    Responder,
  ];
  const context = subject.context((request) => {
    if (request.method === 'GET') return (writes.length === 0 ? first : then)(request);
    writes.push(request);
    return write;
  });
  const result = await work(context, () => writes.length > 0);
  demand(writes.length === 1, `${what} sends ${writes.length} writes instead of one`);
  const sent = writes[0] as SentRequest;
  const label = `${sent.method} ${sent.path}`;
  demand(
    sent.method === write.method && sent.path === write.path && asksFor(write, sent.query),
    `${what} sends ${label}${sent.url.search}, which is not the expected ${write.method} ${write.path}`,
  );
  // Through text, as it travels: a key that is undefined is not sent.
  const body: unknown = sent.json === undefined ? undefined : JSON.parse(JSON.stringify(sent.json));
  demand(isDeepStrictEqual(body, write.json), `${what} sends ${label} with another body than the expected one`);
  return result;
}

/** Does the work once for every way in which its write can be refused; the requests before it are answered as ever. */
export async function proveRefusals(
  subject: Subject,
  { before, write }: { readonly before: WriteCase['before']; readonly write: ExpectedWrite },
  what: string,
  work: (context: TestContext<unknown>) => Promise<unknown>,
  skip: readonly FaultCode[] = [],
): Promise<void> {
  const hidden = [PERSON, ...secretsOf(subject.scenario.config)];
  for (const { title, answer, code } of REFUSALS.filter((refusal) => !skip.includes(refusal.code))) {
    const writes: SentRequest[] = [];
    const first = respondOver(before, subject.scenario.account);
    const context = subject.context((request) => {
      if (request.method === 'GET') return first(request);
      writes.push(request);
      return answer;
    });
    const fault = await faultFrom(() => work(context), `${what}, when ${title},`);
    demand(fault.code === code, `${what} says ${fault.code} instead of ${code} when ${title}`);
    demand(writes.length === 1, `${what} sends ${write.method} ${writes.length} times when ${title}`);
    demand(
      !hidden.some((word) => fault.message.includes(word)),
      `${what} quotes what the ATS said, or a secret, when ${title}`,
    );
  }
}

/** Reading has the same faults, and never takes one for an absent record. */
export async function proveReading(
  subject: Subject,
  what: string,
  work: (context: TestContext<unknown>) => Promise<unknown>,
): Promise<void> {
  // 403 and 404 can mean that the record is hidden or gone, which is an answer.
  for (const { title, answer, code } of REFUSALS.filter((refusal) => !/40[34]/.test(refusal.title))) {
    const fault = await faultFrom(() => work(subject.context(() => answer)), `${what}, when ${title},`);
    demand(fault.code === code, `${what} says ${fault.code} instead of ${code} when ${title}`);
  }
  const odd = await faultFrom(() => work(subject.context(() => ({ body: 'surprise' }))), `${what} of another shape`);
  demand(odd.code === 'unexpected-shape', `${what} says ${odd.code} of JSON of another shape`);
}

/** Scopes that a capability needs can only be granted when the provider may ask for them. */
export function demandDeclared({ provider: { manifest } }: Subject, scopes: readonly string[], what: string): void {
  if (manifest.auth.kind !== 'oauth2') return;
  const declared = [...manifest.auth.scopes, ...(manifest.auth.optionalScopes ?? [])];
  const stranger = scopes.find((scope) => !declared.includes(scope));
  demand(stranger === undefined, `${what} needs the scope ${stranger}, which is not in the manifest`);
}

export const SENTENCE = /^[\p{Lu}].*\.$/su;
