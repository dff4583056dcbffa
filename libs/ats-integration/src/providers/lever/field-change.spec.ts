import { describe, expect, it } from '@jest/globals';
import type { FieldChanges } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import type { Responder } from '../../testing/index.js';
import { createProviderContext } from '../../testing/index.js';
import { fieldChanges } from './field-change.js';
import { lever } from './index.js';

const config = { clientId: 'client', clientSecret: 'secret' };
const contextOver = (respond: Responder, scopes: readonly string[] = []) =>
  createProviderContext({ provider: lever, config, respond, scopes });
const CONTACT = {
  id: 'c-1',
  name: 'Ada Example',
  headline: '',
  location: { name: 'Lisbon' },
  emails: ['ada@example.test'],
  phones: [{ type: 'mobile', value: '+351 1' }],
};
const account =
  (contact: object = {}): Responder =>
  ({ path }) =>
    path === '/opportunities'
      ? { body: { data: [{ id: 'opp-1', links: ['https://ada.example'] }], hasNext: false } }
      : { body: { data: { ...CONTACT, ...contact } } };

async function write(changes: FieldChanges, respond: Responder = account()) {
  const context = contextOver(respond);
  const current = await fieldChanges.read(context, 'c-1');
  if (current === null) throw new Error('the contact is not there');
  const fault = await fieldChanges.write(context, 'c-1', current, changes).then(
    () => null,
    (error: unknown) => error as ProviderFault,
  );
  return { fault, writes: context.sent.filter(({ method }) => method !== 'GET') };
}

describe('a contact', () => {
  it('reads as the record that the list of opportunities makes, links included', async () => {
    const context = contextOver(account());
    expect((await fieldChanges.read(context, 'c-1'))?.record).toEqual({
      kind: 'candidate',
      remoteId: 'c-1',
      updatedAt: null,
      name: 'Ada Example',
      firstName: null,
      lastName: null,
      emails: [{ value: 'ada@example.test', type: null }],
      phones: [{ value: '+351 1', type: 'mobile' }],
      headline: null,
      company: null,
      location: 'Lisbon',
      links: ['https://ada.example'],
      tags: [],
      anonymised: false,
      url: null,
      customFields: {},
    });
    expect(context.sent.map(({ path, url }) => path + url.search)).toEqual([
      '/contacts/c-1',
      '/opportunities?contact_id=c-1&confidentiality=all&limit=100',
    ]);
  });

  it('is unknown when all that it has is confidential and that was not granted', async () => {
    const refusing: Responder = () => ({ status: 403 });
    expect(await fieldChanges.read(contextOver(refusing), 'c-1')).toBeNull();
    await expect(fieldChanges.read(contextOver(refusing, ['confidential:access:admin']), 'c-1')).rejects.toMatchObject({
      code: 'forbidden-scope',
    });
  });

  it('is written as a whole, with the location as plain text', async () => {
    const { writes } = await write({ location: 'Porto' });
    expect(writes.map(({ method, path, json }) => ({ method, path, json }))).toEqual([
      {
        method: 'PUT',
        path: '/contacts/c-1',
        json: {
          name: 'Ada Example',
          headline: '',
          location: 'Porto',
          emails: ['ada@example.test'],
          phones: [{ value: '+351 1', type: 'mobile' }],
        },
      },
    ]);
  });

  it('loses a headline only when it is told to', async () => {
    const { writes } = await write({ headline: null }, account({ headline: 'Weaver' }));
    expect(writes[0]?.json).toMatchObject({ headline: '', name: 'Ada Example' });
  });

  it.each<[string, FieldChanges]>([
    ['links, which take more than one write', { links: ['https://x.example'] }],
    ['tags, which belong to an opportunity', { tags: ['x'] }],
    ['a name that is empty', { name: '' }],
    ['addresses that are none', { emails: ['ada@example.test'] }],
  ])('takes nothing at all of a change with %s', async (_what, changes) => {
    const { fault, writes } = await write({ headline: 'Weaver', ...changes });
    expect(fault?.code).toBe('invalid-request');
    expect(writes).toEqual([]);
  });

  it('that was anonymised is not written to', async () => {
    const { fault, writes } = await write({ name: 'Ada' }, account({ isAnonymized: true, name: '', emails: [] }));
    expect(fault?.message).toContain('anonymised');
    expect(writes).toEqual([]);
  });
});
