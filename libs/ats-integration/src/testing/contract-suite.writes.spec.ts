import { describe, expect, it } from '@jest/globals';
import type { AtsProvider } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { FieldChangeCapability } from '../contract/field-change.js';
import type { StageChangeCapability } from '../contract/stage-change.js';
import type { HookRegistration, WebhookCapability, WebhookDelivery } from '../contract/webhooks.js';
import type { ContractCheck } from './contract-check.js';
import { subjectOf } from './contract-check.js';
import { contractChecks } from './describe-ats-provider.js';
import type { PaperConfig } from './reference-people.js';
import { referenceProvider as good } from './reference-provider.js';
import { referenceScenario as scenario } from './reference-scenario.js';
import { paperWebhooks } from './reference-webhooks.js';
import { paperFieldChanges, paperStageChanges } from './reference-writes.js';
import type { ProviderScenario } from './scenario.js';

type Provider = AtsProvider<PaperConfig>;
type StageChanges = StageChangeCapability<PaperConfig>;
type FieldChanges = FieldChangeCapability<PaperConfig>;
type Webhooks = WebhookCapability<PaperConfig>;

const CHAPTERS = ['stage changes', 'field changes', 'webhooks', 'registration of hooks'];

describe('the contract suite, of writes and webhooks', () => {
  it.each(moving())('finds a provider that %s', expectBroken);
  it.each(writing())('finds a provider that %s', expectBroken);
  it.each(hooking())('finds a provider that %s', expectBroken);

  it.each([
    ['moves applications', 'stageChanges', 'stage changes'],
    ['writes fields', 'fieldChanges', 'field changes'],
    ['takes webhooks', 'webhooks', 'webhooks'],
  ] as const)('says that nothing proves a provider which %s and whose scenario is silent', async (_, part, chapter) => {
    const { [part]: _left, ...silent } = scenario;
    const broken = await brokenIn(good, silent);
    const titles = (contractChecks(good as AtsProvider)[chapter] ?? []).map(({ title }) => title);
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles) expect(broken.get(title)).toContain(`no part "${part}"`);
  });

  it('asks nothing of a provider that only reads, whatever its scenario holds', () => {
    const { stageChanges: _moves, fieldChanges: _fields, webhooks: _hooks, ...reader } = good;
    expect(Object.keys(contractChecks(reader as AtsProvider)).filter((name) => CHAPTERS.includes(name))).toEqual([]);
  });

  it('asks nothing of registration where hooks are added by hand', () => {
    const byHand = { ...good, webhooks: { ...paperWebhooks, registration: null } };
    expect(Object.keys(contractChecks(byHand as AtsProvider))).not.toContain('registration of hooks');
  });

  it('refuses a scenario that proves a move, an event or a field nowhere', async () => {
    const { stageChanges, fieldChanges, webhooks } = scenario;
    if (stageChanges === undefined || fieldChanges === undefined || webhooks === undefined) throw new Error('no parts');
    const poor: ProviderScenario = {
      ...scenario,
      stageChanges: { ...stageChanges, moves: stageChanges.moves.slice(1) },
      fieldChanges: { ...fieldChanges, changes: fieldChanges.changes.slice(1) },
      webhooks: { ...webhooks, deliveries: webhooks.deliveries.slice(1), unsigned: [] },
    };
    const broken = [...(await brokenIn(good, poor)).values()].join('\n');
    expect(broken).toContain('no move "stage"');
    expect(broken).toContain('no move in the name of a user');
    expect(broken).toContain('"name" is bidirectional and the scenario never changes it');
    expect(broken).toContain('"person.moved" is wanted and the scenario has no delivery');
    expect(broken).toContain('no unsigned delivery');
  });
});

type Variant = readonly [flaw: string, provider: Provider, promise: string];

function moving(): readonly Variant[] {
  return [
    ['declares no move', moves({ moves: [] }), 'declares the moves'],
    ['needs a scope that it does not have', moves({ scopes: { stage: ['everything'] } }), 'declares the moves'],
    ['says nothing of the scopes of a move', moves({ scopes: { stage: ['write'] } }), 'declares the moves'],
    ['never finds an application', moves({ read: async () => null }), 'reads where an application stands'],
    [
      'makes up an application that is gone',
      moves({ read: async (context, application) => (await readMove(context, application)) ?? STANDING }),
      'null for one that is not there',
    ],
    [
      'calls a rejected application active',
      moves({ read: async (...given) => relabel(await readMove(...given)) }),
      'reads where an application stands',
    ],
    [
      'has a guard that is no JSON',
      moves({
        read: async (...given) => {
          const state = await readMove(...given);
          return state === null ? null : { ...state, guard: new Date(0) as never };
        },
      }),
      'reads where an application stands',
    ],
    ['writes nothing', moves({ send: async () => undefined }), 'exactly one write'],
    [
      'writes twice',
      moves({
        send: async (...given) => {
          await sendMove(...given);
          await sendMove(...given);
        },
      }),
      'exactly one write',
    ],
    [
      'leaves nulls out of what it sends',
      moves({
        send: (context, ...rest) => sendMove({ ...context, http: withoutNulls(context.http) }, ...rest),
      }),
      'exactly one write',
    ],
    [
      'forgets in whose name it writes',
      moves({ send: (context, application, from, move) => sendMove(context, application, from, move, null) }),
      'names the acting user',
    ],
    [
      'tries a refused write again',
      moves({
        send: async (...given) => {
          await sendMove(...given).catch(() => sendMove(...given));
        },
      }),
      'writes once only',
    ],
    [
      'takes a lost write for a success',
      moves({ send: async (...given) => sendMove(...given).catch(swallow('unavailable')) }),
      'what became of it',
    ],
    [
      'calls a refused move an outage',
      moves({
        send: async (...given) => {
          await sendMove(...given).catch(() => {
            throw new ProviderFault('unavailable', 'Paper is away.');
          });
        },
      }),
      'what became of it',
    ],
    [
      'takes an outage for an application that is gone',
      moves({ read: async (...given) => readMove(...given).catch(() => null) }),
      'never takes a failure of the ATS for an application',
    ],
    ['lists no reasons', moves({ reasons: async () => [] }), 'lists the reasons'],
  ];
}

function writing(): readonly Variant[] {
  return [
    ['needs a scope for fields that it does not have', fields({ scopes: ['everything'] }), 'has fields of a candidate'],
    [
      'writes fields that its manifest calls read-only',
      { ...good, manifest: { ...good.manifest, fields: {} } },
      'has fields of a candidate',
    ],
    ['never finds a candidate', fields({ read: async () => null }), 'reads a candidate as a record'],
    [
      'reads a candidate as something of its own',
      fields({
        read: async (...given) => {
          const state = await readFields(...given);
          return state === null ? null : { ...state, record: { ...state.record, emails: ['ada'] as never } };
        },
      }),
      'reads a candidate as a record',
    ],
    [
      'reads somebody else',
      fields({
        read: async (...given) => {
          const state = await readFields(...given);
          return state === null ? null : { ...state, record: { ...state.record, remoteId: 'ben' } };
        },
      }),
      'reads a candidate as a record',
    ],
    [
      'sends the changes alone to an ATS that replaces everything',
      fields({
        write: async ({ http }, id, _current, changes) => {
          await http.request({ method: 'PUT', path: `/people/${id}`, json: changes });
        },
      }),
      'loses nothing',
    ],
    [
      'writes each field by itself',
      fields({
        write: async (context, id, current, changes) => {
          for (const [field, value] of Object.entries(changes))
            await writeFields(context, id, current, { [field]: value });
        },
      }),
      'exactly one write',
    ],
    [
      'leaves out what it does not know',
      fields({
        write: (context, id, current, { surprise: _left, ...changes }) => writeFields(context, id, current, changes),
      }),
      'refuses a field that it cannot write',
    ],
    [
      'takes a lost change for a success',
      fields({ write: async (...given) => writeFields(...given).catch(swallow('unavailable')) }),
      'write of fields that is refused or lost',
    ],
    [
      'takes an outage for a candidate who is gone',
      fields({ read: async (...given) => readFields(...given).catch(() => null) }),
      'never takes a failure of the ATS for a candidate',
    ],
  ];
}

function hooking(): readonly Variant[] {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- a plain object, whose methods know no `this`
  const { claim, read, instructions } = paperWebhooks;
  return [
    ['wants no event', hooks({ events: [] }), 'wants events'],
    ['wants an event that it does not understand', hooks({ events: ['person.folded'] }), 'wants events'],
    ['tells an admin nothing', hooks({ instructions: () => [] }), 'in sentences'],
    ['mumbles', hooks({ instructions: ({ url }) => [`add ${url}`] }), 'in sentences'],
    [
      'keeps the address to itself',
      hooks({ instructions: ({ events }) => instructions({ url: 'it', events }) }),
      'in sentences',
    ],
    ['takes every delivery for unsigned', hooks({ claim: () => null }), 'finds in a genuine delivery'],
    [
      'signs with capital letters',
      hooks({ claim: (given) => mapped(claim(given), (one) => ({ ...one, signature: one.signature.toUpperCase() })) }),
      'finds in a genuine delivery',
    ],
    ['knows no tolerance for a signed moment', hooks({ toleranceSeconds: null }), 'finds in a genuine delivery'],
    [
      'forgets the moment that is signed',
      hooks({ claim: (given) => mapped(claim(given), (one) => ({ ...one, signedAt: null })) }),
      'finds in a genuine delivery',
    ],
    ['looks at the text of the body only', hooks({ claim: (given) => claim(trimmed(given)) }), 'a single signed byte'],
    ['lets an unsigned delivery through', hooks({ claim: trusting }), 'refuses what is unsigned'],
    [
      'stumbles over what is no delivery',
      hooks({
        claim: (given) => {
          JSON.parse(Buffer.from(given.body).toString('utf8'));
          return claim(given);
        },
      }),
      'no delivery at all',
    ],
    [
      'acts on a test',
      hooks({ read: (given) => ({ ...read(given), about: 'records', touched: [{ kind: 'job', remoteId: '1' }] }) }),
      'reads of every delivery what it says',
    ],
    [
      'throws at an event that it does not know',
      hooks({
        read: (given) => {
          const news = read(given);
          if (news.about === 'ignored') throw new ProviderFault('unexpected-shape', 'Nobody knows this event.');
          return news;
        },
      }),
      'reads of every delivery what it says',
    ],
    [
      'finds another id each time',
      hooks({ read: (given) => ({ ...read(given), deliveryId: String(Math.random()) }) }),
      'reads of every delivery what it says',
    ],
    [
      'trusts a delivery before it has parsed it',
      hooks({
        read: (given) => {
          const said = JSON.parse(Buffer.from(given.body).toString('utf8')) as { event: string };
          return said.event.startsWith('x') ? read(given) : read(given);
        },
      }),
      'any odd field',
    ],
    ['needs a scope for hooks that it does not have', registering({ scopes: ['everything'] }), 'registers a hook'],
    [
      'keeps another secret than the hook has',
      registering({ register: async (...given) => ({ ...(await register(...given)), secret: 'mine' }) }),
      'registers a hook',
    ],
    ['lists the hooks of everybody', registering({ list: (context) => listAll(context) }), 'registers a hook'],
    ['removes nothing', registering({ remove: async () => undefined }), 'registers a hook'],
    [
      'fails at a hook that is gone already',
      registering({
        remove: async ({ http }, id) => {
          await http.request({ method: 'DELETE', path: `/hooks/${id}` });
        },
      }),
      'gone already',
    ],
    [
      'takes a hook that was refused for registered',
      registering({
        register: (context, hook) => register(context, hook).catch(() => ({ remoteId: 'hook-1', secret: hook.secret })),
      }),
      'cannot be registered',
    ],
    [
      'takes an outage for an account without hooks',
      registering({ list: (...given) => list(...given).catch(() => []) }),
      'cannot be registered',
    ],
  ];
}

async function expectBroken(_flaw: string, provider: Provider, promise: string): Promise<void> {
  const broken = await brokenIn(provider, scenario);
  expect([...broken.keys()]).toContainEqual(expect.stringContaining(promise));
  for (const how of broken.values()) expect(how.length).toBeGreaterThan(10);
}

/** Broken promises of these chapters alone. */
async function brokenIn(provider: Provider, given: ProviderScenario): Promise<ReadonlyMap<string, string>> {
  const subject = subjectOf(provider, given);
  const chapters = contractChecks(provider);
  const broken = new Map<string, string>();
  for (const { title, run } of CHAPTERS.flatMap((name): readonly ContractCheck[] => chapters[name] ?? [])) {
    try {
      await run(subject);
    } catch (error) {
      broken.set(title, (error as Error).message);
    }
  }
  return broken;
}

function moves(changes: Partial<StageChanges>): Provider {
  return { ...good, stageChanges: { ...paperStageChanges, ...changes } };
}

function fields(changes: Partial<FieldChanges>): Provider {
  return { ...good, fieldChanges: { ...paperFieldChanges, ...changes } };
}

function hooks(changes: Partial<Webhooks>): Provider {
  return { ...good, webhooks: { ...paperWebhooks, ...changes } };
}

function registering(changes: Partial<HookRegistration<PaperConfig>>): Provider {
  return hooks({ registration: { ...paperRegistration(), ...changes } });
}

function paperRegistration(): HookRegistration<PaperConfig> {
  if (paperWebhooks.registration === null) throw new Error('the reference provider no longer registers hooks');
  return paperWebhooks.registration;
}

const readMove: StageChanges['read'] = (...given) => paperStageChanges.read(...given);
const sendMove: StageChanges['send'] = (...given) => paperStageChanges.send(...given);
const readFields: FieldChanges['read'] = (...given) => paperFieldChanges.read(...given);
const writeFields: FieldChanges['write'] = (...given) => paperFieldChanges.write(...given);
const register: HookRegistration<PaperConfig>['register'] = (...given) => paperRegistration().register(...given);
const list: HookRegistration<PaperConfig>['list'] = (...given) => paperRegistration().list(...given);

type State = NonNullable<Awaited<ReturnType<StageChanges['read']>>>;

const STANDING: State = {
  status: 'active',
  stageRemoteId: null,
  stageName: null,
  jobRemoteId: null,
  reasonRemoteId: null,
  updatedAt: null,
  guard: null,
};

const relabel = (state: State | null): State | null => (state === null ? null : { ...state, status: 'active' });

function swallow(code: ProviderFault['code']): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ProviderFault) || error.code !== code) throw error;
  };
}

type Http = Parameters<StageChanges['read']>[0]['http'];

function withoutNulls(http: Http): Http {
  return {
    request: ({ json, ...request }) => {
      const kept = Object.entries((json ?? {}) as object).filter(([, value]) => value !== null);
      return http.request(json === undefined ? request : { ...request, json: Object.fromEntries(kept) });
    },
  };
}

async function listAll({ http }: Parameters<HookRegistration<PaperConfig>['list']>[0]) {
  const { body } = await http.request({ path: '/hooks' });
  return (body as { rows: { id: string; event: string }[] }).rows.map(({ id, event }) => ({ remoteId: id, event }));
}

const mapped = <Value>(value: Value | null, change: (value: Value) => Value): Value | null =>
  value === null ? null : change(value);

/** The delivery without its last byte, so that this one is not looked at. */
function trimmed({ headers, body }: WebhookDelivery): WebhookDelivery {
  const whole = Buffer.from(body).toString('utf8');
  return { headers, body: Buffer.from(whole.endsWith('}') ? whole : `${whole.slice(0, -1)}}`) };
}

/** Falls back to a claim of its own that always holds in form. */
function trusting(delivery: WebhookDelivery) {
  const claim = paperWebhooks.claim(delivery);
  return claim ?? { algorithm: 'hmac-sha256' as const, message: '', signature: '0'.repeat(64), signedAt: new Date(0) };
}
