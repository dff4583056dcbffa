import { setTimeout as sleep } from 'node:timers/promises';
import type { FieldChangeView } from '@elly/ats-integration';
import type { Fault, ProviderId, SimulatedAccount } from '@elly/ats-sandbox';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROVIDERS, TroubledElly } from './bad-input/troubled-elly.js';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly headline: string | null;
  readonly company: string | null;
  readonly correction: string | null;
  readonly customFields: Readonly<Record<string, { readonly value: unknown }>>;
}

const MINUTE = 60_000;
const LOOK_AGAIN_MS = 50;
/** The one write of people's fields that each of them has. */
const WRITES: Readonly<
  Record<ProviderId, { readonly route: string; readonly match: { method: string; path: string } }>
> = {
  greenhouse: { route: 'PATCH /candidates/:id', match: { method: 'PATCH', path: '/\\/candidates\\/\\d+$/' } },
  lever: { route: 'PUT /contacts/:id', match: { method: 'PUT', path: '/\\/contacts\\/.+$/' } },
};

let elly: TroubledElly;
beforeAll(async () => {
  elly = await TroubledElly.start({ OUTBOUND_SETTLE_SECONDS: '4' });
}, MINUTE);
afterAll(() => elly.stop());

describe.each(PROVIDERS)('fields that are edited in Elly and written to %s over HTTP', (provider) => {
  let account: SimulatedAccount;
  let connection = '';
  let people: Person[] = [];
  const ats = provider === 'greenhouse' ? 'Greenhouse' : 'Lever';

  beforeAll(async () => {
    elly.askFor(provider, ['field-changes']);
    account = elly.account(provider, 40);
    const end = await elly.connectApart(account);
    if (end.connection === null) throw new Error(end.message ?? 'The connect came to nothing.');
    connection = end.connection;
    await elly.lastRun(connection);
    await elly.resumesSettled(connection);
    const { items } = await elly.client.get<{ items: Person[] }>('/api/candidates?source=ats&limit=200');
    const profiles = await Promise.all(items.map(({ id }) => profile(id)));
    people = profiles.filter((person) => person.source.connectionId === connection && person.emails.length > 0);
  }, MINUTE);

  const profile = (id: string) =>
    elly.client.get<Person & { source: { connectionId: string } }>(`/api/candidates/${id}`);
  /** Somebody whom no other test has edited. */
  const somebody = (): Person => {
    const person = people.pop();
    if (person === undefined) throw new Error('Nobody is left to be edited.');
    account.writes.clear();
    account.faults.clear();
    return person;
  };
  const edit = (id: string, body: object) => elly.client.send<Person>('PATCH', `/api/candidates/${id}`, body);
  const newest = async (): Promise<FieldChangeView> => {
    const [change] = await elly.client.get<FieldChangeView[]>(
      `/api/ats/connections/${connection}/field-changes?limit=1`,
    );
    if (change === undefined) throw new Error('Nothing was asked for.');
    return change;
  };
  const settled = async (): Promise<FieldChangeView> => {
    for (;;) {
      const change = await newest();
      if (change.settledAt !== null) return change;
      await sleep(LOOK_AGAIN_MS);
    }
  };
  const written = () => account.writes.list().filter(({ route }) => route === WRITES[provider].route);
  const striking = (fault: Fault, times = 1) => account.faults.add([{ match: WRITES[provider].match, fault, times }]);

  it(
    'arrive as one write and lose nothing else of the person',
    async () => {
      const person = somebody();
      const changes = { headline: 'Weaver of nets', phones: [...person.phones, '+351 210 000 009'] };
      expect(await edit(person.id, changes)).toMatchObject(changes);
      expect(await settled()).toMatchObject({ status: 'confirmed', attempts: 1, reason: null });
      expect(written()).toHaveLength(1);
      await elly.syncAgain(connection);
      const after = await profile(person.id);
      expect(after).toEqual({ ...person, ...changes, updatedAt: expect.any(String) });
      expect(written()).toHaveLength(1);
    },
    MINUTE,
  );

  it.each<[string, Fault]>([
    ['the answer is lost', { kind: 'answer-lost' }],
    ['the answer is a 500', { kind: 'status-after', status: 500 }],
    ['the answer cannot be read', { kind: 'truncated-json' }],
    ['the connection drops at once and it happens later', { kind: 'applied-late', ms: 1500 }],
  ])(
    'are written exactly once when the write is done and %s',
    async (_, fault) => {
      const person = somebody();
      striking(fault);
      await edit(person.id, { headline: `Edited when ${fault.kind}` });
      expect(await settled()).toMatchObject({ status: 'confirmed', attempts: 1 });
      // Long enough for a second one to come, had there been one.
      await sleep(2000);
      expect(written()).toHaveLength(1);
      expect(account.writes.effects().every(({ times }) => times === 1)).toBe(true);
      expect(await profile(person.id)).toMatchObject({ headline: `Edited when ${fault.kind}`, correction: null });
    },
    MINUTE,
  );

  it(
    'are sent again only when the write never came there',
    async () => {
      const person = somebody();
      striking({ kind: 'reset' });
      await edit(person.id, { headline: 'Sent again' });
      expect(await settled()).toMatchObject({ status: 'confirmed', attempts: 2 });
      expect(written()).toHaveLength(1);
    },
    MINUTE,
  );

  it(
    'are put right again where the ATS refuses them, with a reason',
    async () => {
      const person = somebody();
      striking({ kind: 'status', status: 422, body: '{"message":"No."}' });
      await edit(person.id, { headline: 'Refused' });
      const change = await settled();
      expect(change).toMatchObject({ status: 'refused', fields: [{ field: 'headline', status: 'refused' }] });
      expect(change.reason).toContain(`The candidate shows what ${ats} has.`);
      expect(await profile(person.id)).toMatchObject({ headline: person.headline, correction: change.reason });
      expect(written()).toEqual([]);
    },
    MINUTE,
  );

  it(
    'give way to what somebody changed there, where the connection is set so',
    async () => {
      const settings = `/api/ats/connections/${connection}/settings`;
      await elly.client.send('PATCH', settings, { conflicts: { fields: { emails: 'ats-wins' } } });
      const person = somebody();
      await edit(person.id, { headline: 'Who is it' });
      await settled();
      const [write] = written();
      account.writes.clear();
      account.change({
        operations: [{ op: 'edit-candidate', candidate: write?.record ?? '', set: { email: 'there@example.test' } }],
      });
      await edit(person.id, { emails: ['here@example.test'], headline: 'Both were edited' });
      const change = await settled();
      expect(change).toMatchObject({
        status: 'superseded',
        fields: [
          { field: 'emails', status: 'superseded', code: 'changed-in-ats' },
          { field: 'headline', status: 'confirmed' },
        ],
      });
      expect(written()).toHaveLength(1);
      const after = await profile(person.id);
      expect(after).toMatchObject({ headline: 'Both were edited', correction: change.reason });
      expect(after.emails[0]).toBe('there@example.test');
    },
    MINUTE,
  );

  it('are refused as a whole where one of them is narrowed or never to be written, by name', async () => {
    const person = somebody();
    await elly.client.send('PATCH', `/api/ats/connections/${connection}/settings`, {
      fields: { candidate: { headline: 'read-only' } },
    });
    const locked = provider === 'greenhouse' ? { name: 'Somebody else' } : { company: 'Acme' };
    for (const body of [{ headline: 'Narrowed' }, locked]) {
      const refused = edit(person.id, { emails: ['new@example.test'], ...body });
      await expect(refused).rejects.toThrow(new RegExp(`answered 409: .*read-only-field.*${ats}`));
    }
    expect(await profile(person.id)).toMatchObject({ emails: person.emails, headline: person.headline });
    expect(written()).toEqual([]);
  });
});
