import { createHmac } from 'node:crypto';
import { ProviderFault } from '../contract/fault.js';
import { RECORD_KINDS } from '../contract/records.js';
import { TOMBSTONES } from '../contract/tombstone.js';
import type { WebhookCapability, WebhookDelivery, WebhookNews } from '../contract/webhooks.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, demandEqual } from './contract-check.js';
import { SENTENCE } from './prove-write.js';
import type { DeliveryCase, ScriptedDelivery, WebhookScenario } from './scenario-parts.js';

/** What a part of a delivery may turn into. */
const ODD: readonly unknown[] = [null, 7, -1.5, 'odd', '', [], {}, [null], true, 1e300];

/** Bodies that are no delivery. */
const MALFORMED: readonly (string | Uint8Array)[] = [
  '',
  'null',
  '[]',
  '7',
  '"text"',
  '{}',
  '{"token":',
  '<html></html>',
  Uint8Array.of(0xff, 0xfe, 0x00),
];

/** Only for a provider that takes webhooks. */
export const WEBHOOK_CHECKS: readonly ContractCheck[] = [
  {
    title: 'wants events, each proved by a delivery, and tells an admin in sentences how to add the hook',
    run: (subject) => {
      const { capability, scenario } = webhookPartsOf(subject);
      const { events } = capability;
      demand(events.length > 0 && new Set(events).size === events.length, 'no event is wanted, or one twice');
      const all = scenario.deliveries.map((part) => readOf(capability, part));
      for (const event of events) {
        const news = all.find((one) => one.event === event && one.about === 'records');
        demand(
          news !== undefined,
          `the event "${event}" is wanted and the scenario has no delivery of it about records`,
        );
      }
      for (const about of ['test', 'ignored'])
        demand(
          all.some((news) => news.about === about),
          `the scenario has no delivery that is ${about === 'test' ? 'a test' : 'of an event that nobody has heard of'}`,
        );
      const url = 'https://elly.example/webhooks/1';
      const steps = capability.instructions({ url, events });
      demand(steps.length > 0 && steps.every((step) => SENTENCE.test(step)), 'an instruction is no sentence');
      demand(
        steps.some((step) => step.includes(url)),
        'the instructions do not say the address of the hook',
      );
    },
  },
  {
    title: 'finds in a genuine delivery what it is signed with',
    run: (subject) => {
      const { capability, scenario } = webhookPartsOf(subject);
      demand(scenario.deliveries.length > 0, 'the scenario has no delivery');
      for (const part of scenario.deliveries) {
        const claim = capability.claim(deliveryOf(part));
        demand(claim !== null, 'a genuine delivery is taken for unsigned');
        demand(/^[0-9a-f]+$/.test(claim.signature), 'a signature is not lower-case hexadecimal');
        demand(holds(capability, deliveryOf(part), scenario.secret), 'a genuine delivery is refused');
        const moment = claim.signedAt === null ? null : claim.signedAt.getTime();
        demand(moment === null || !Number.isNaN(moment), 'the signed moment is none');
        demand(
          (moment === null) === (capability.toleranceSeconds === null),
          'a moment is signed and no tolerance is set, or the other way round',
        );
        demand((capability.toleranceSeconds ?? 1) > 0, 'the tolerance lets nothing through');
      }
    },
  },
  {
    title: 'refuses a delivery of which a single signed byte was changed, or that is signed with another secret',
    run: (subject) => {
      const { capability, scenario } = webhookPartsOf(subject);
      for (const part of scenario.deliveries) {
        demand(!holds(capability, deliveryOf(part), `${scenario.secret}x`), 'another secret is as good');
        let tampered = 0;
        const signature = capability.claim(deliveryOf(part))?.signature ?? '';
        for (const [where, delivery] of tamperingsOf(part, signature)) {
          tampered += 1;
          demand(!holds(capability, delivery, scenario.secret), `a delivery is genuine with ${where} changed`);
        }
        demand(tampered > 0, 'the scenario protects no byte of a delivery');
      }
    },
  },
  {
    title: 'refuses what is unsigned or no delivery at all, without an error',
    run: (subject) => {
      const { capability, scenario } = webhookPartsOf(subject);
      demand(scenario.unsigned.length > 0, 'the scenario has no unsigned delivery');
      for (const part of scenario.unsigned)
        demand(capability.claim(deliveryOf(part)) === null, 'an unsigned delivery has a claim');
      for (const { headers = {} } of scenario.deliveries) {
        for (const body of MALFORMED) {
          const delivery = { headers, body: typeof body === 'string' ? Buffer.from(body) : body };
          demand(!holds(capability, delivery, scenario.secret), 'something that is no delivery is genuine');
        }
      }
    },
  },
  {
    title: 'reads of every delivery what it says, unknown events and tests among them, twice the same',
    run: (subject) => {
      const { capability, scenario } = webhookPartsOf(subject);
      for (const part of scenario.deliveries) {
        const news = readOf(capability, part);
        const wrong = wrongWithNews(news);
        demand(wrong === null, `the news of "${news.event}" has ${wrong}`);
        const plain: unknown = JSON.parse(JSON.stringify(news));
        demandEqual(plain, part.news, `a delivery of "${news.event}" is read as ${JSON.stringify(plain)}`);
        demandEqual(readOf(capability, part), news, `a delivery of "${news.event}" is read differently each time`);
      }
    },
  },
  {
    title: 'makes of a delivery with any odd field proper news or a fault, and never another error',
    run: (subject) => {
      const { capability, scenario } = webhookPartsOf(subject);
      for (const part of scenario.deliveries) {
        for (const [where, delivery] of oddOnesOf(part)) {
          try {
            holds(capability, delivery, scenario.secret);
            const wrong = wrongWithNews(capability.read(delivery));
            demand(wrong === null, `with ${where} the news has ${wrong}`);
          } catch (error) {
            const isFault = error instanceof ProviderFault && error.code === 'unexpected-shape';
            if (!isFault) throw new Error(`with ${where}: ${String(error)}`, { cause: error });
          }
        }
      }
    },
  },
];

export function webhookPartsOf({ provider, scenario }: Subject): {
  readonly capability: WebhookCapability<unknown>;
  readonly scenario: WebhookScenario;
} {
  demand(provider.webhooks !== undefined, 'the provider takes no webhooks');
  demand(
    scenario.webhooks !== undefined,
    'the provider takes webhooks and its scenario has no part "webhooks", so nothing proves it',
  );
  return { capability: provider.webhooks, scenario: scenario.webhooks };
}

function deliveryOf({ headers = {}, body }: ScriptedDelivery): WebhookDelivery {
  return { headers, body: Buffer.from(body) };
}

function readOf(capability: WebhookCapability<unknown>, part: DeliveryCase): WebhookNews {
  return capability.read(deliveryOf(part));
}

/** Whether the engine would let it in. */
function holds(capability: WebhookCapability<unknown>, delivery: WebhookDelivery, secret: string): boolean {
  const claim = capability.claim(delivery);
  if (claim === null) return false;
  return createHmac('sha256', secret).update(claim.message).digest('hex') === claim.signature;
}

/** The same delivery with one protected byte changed, for every one of them. */
function* tamperingsOf(
  { headers = {}, body, signed }: DeliveryCase,
  signature: string,
): Generator<readonly [string, WebhookDelivery]> {
  const bytes = Buffer.from(body);
  const protectedBytes = signed === undefined ? [[0, bytes.length] as const] : rangesOf(bytes, signed);
  for (const [start, end] of protectedBytes) {
    for (let index = start; index < end; index += 1) yield [`byte ${index}`, { headers, body: flipped(bytes, index) }];
  }
  for (const [name, value] of Object.entries(headers)) {
    const whole = Buffer.from(value);
    for (const [start, end] of rangesOf(whole, signed ?? [signature])) {
      for (let index = start; index < end; index += 1) {
        const changed = { ...headers, [name]: flipped(whole, index).toString('latin1') };
        yield [`byte ${index} of the header ${name}`, { headers: changed, body: bytes }];
      }
    }
  }
}

function rangesOf(bytes: Buffer, pieces: readonly string[]): readonly (readonly [start: number, end: number])[] {
  return pieces.flatMap((piece) => {
    const start = bytes.indexOf(piece);
    return start < 0 ? [] : [[start, start + Buffer.byteLength(piece)] as const];
  });
}

function flipped(bytes: Buffer, index: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
  return changed;
}

/** The same delivery with one key of it, or of an object in it, turned into something else. */
function* oddOnesOf({ headers = {}, body }: DeliveryCase): Generator<readonly [string, WebhookDelivery]> {
  const parsed: unknown = JSON.parse(body);
  if (!isObject(parsed)) return;
  const places = Object.entries(parsed).flatMap(([key, value]) => [
    [key],
    ...(isObject(value) ? Object.keys(value).map((inner) => [key, inner]) : []),
  ]);
  for (const place of places) {
    for (const value of ODD) {
      const odd = Buffer.from(JSON.stringify(replaced(parsed, place, value)));
      yield [`${place.join('.')} as ${JSON.stringify(value)}`, { headers, body: odd }];
    }
  }
}

function replaced(object: Readonly<Record<string, unknown>>, [key = '', ...rest]: readonly string[], value: unknown) {
  const inner = object[key];
  const put: unknown = rest.length === 0 || !isObject(inner) ? value : { ...inner, [rest[0] ?? '']: value };
  return { ...object, [key]: put };
}

function wrongWithNews({ deliveryId, event, occurredAt, about, touched, gone }: WebhookNews): string | null {
  if (deliveryId !== null && (typeof deliveryId !== 'string' || deliveryId === '')) return 'a delivery id that is none';
  if (typeof event !== 'string' || event === '') return 'no event';
  if (occurredAt !== null && Number.isNaN(occurredAt.getTime())) return 'a moment that is none';
  if (!['records', 'test', 'ignored'].includes(about)) return 'nothing that it is about';
  const named = [...touched, ...gone];
  if ((about === 'records') !== named.length > 0) return 'records although it is about none, or none although it is';
  if (
    !named.every(({ kind, remoteId }) => RECORD_KINDS.includes(kind) && typeof remoteId === 'string' && remoteId !== '')
  )
    return 'a record without a kind or an id';
  if (!gone.every(({ tombstone }) => TOMBSTONES.includes(tombstone))) return 'a record that is gone for no reason';
  const merged = gone.every(({ tombstone, intoRemoteId }) => (tombstone === 'merged') === (intoRemoteId !== null));
  return merged ? null : 'a merged record that lives on as none, or one that lives on and is not merged';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
