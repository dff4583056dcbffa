import { afterEach, describe, expect, it } from '@jest/globals';
import { closeSandboxes, sandbox, type Row } from './testing/api-sandbox.js';

afterEach(closeSandboxes);

async function withPerson(): Promise<
  Awaited<ReturnType<typeof sandbox>> & { readonly row: Row; readonly users: Row[] }
> {
  const made = await sandbox();
  const rows = await made.walk('/opportunities?stage_id=applicant-new');
  const row = rows.find(({ isAnonymized, emails, phones }) => !isAnonymized && emails.length > 0 && phones.length > 0);
  if (row === undefined) throw new Error('There is no applicant.');
  return { ...made, row, users: await made.walk('/users') };
}

describe('writing', () => {
  it('moves an opportunity in a user’s name and answers without the person and the location', async () => {
    const { one, row, send, users } = await withPerson();
    const { status, body } = await send('PUT', `/opportunities/${row.id}/stage?perform_as=${users[0]?.id}`, {
      stage: 'offer',
    });
    expect([status, body.data.stage, body.data.name, body.data.emails, body.data.phones]).toEqual([
      200,
      'offer',
      '',
      [],
      [],
    ]);
    expect(body.data).not.toHaveProperty('opportunityLocation');
    const { data } = (await one(`/opportunities/${row.id}`)).body;
    expect(data).toMatchObject({
      stage: 'offer',
      name: row.name,
      emails: row.emails,
      opportunityLocation: row.opportunityLocation,
    });
    expect(data.stageChanges.at(-1)).toMatchObject({ toStageId: 'offer', userId: users[0]?.id });
  });

  it('moves an archived opportunity and leaves it archived', async () => {
    const { row, send, walk } = await withPerson();
    const [, reason] = await walk('/archive_reasons');
    await send('PUT', `/opportunities/${row.id}/archived`, { reason: reason?.id });
    const { data } = (await send('PUT', `/opportunities/${row.id}/stage`, { stage: 'offer' })).body;
    expect([data.stage, data.archived?.reason]).toEqual(['offer', reason?.id]);
    expect((await send('PUT', `/opportunities/${row.id}/archived`, {})).status).toBe(400);
    expect((await send('PUT', `/opportunities/${row.id}/archived`, { reason: null })).body.data.archived).toBeNull();
  });

  it('adds and removes tags, sources and links; the answer to links has the person', async () => {
    const { row, send } = await withPerson();
    const path = `/opportunities/${row.id}`;
    expect((await send('POST', `${path}/addTags`, { tags: ['x', 'x'] })).body.data.tags).toEqual([...row.tags, 'x']);
    expect((await send('POST', `${path}/removeTags`, { tags: ['x'] })).body.data.tags).toEqual(row.tags);
    expect((await send('POST', `${path}/addSources`, { sources: ['Fair'] })).body.data.sources).toContain('Fair');
    expect((await send('POST', `${path}/removeSources`, { sources: ['Fair'] })).body.data.sources).not.toContain(
      'Fair',
    );
    const { data } = (await send('POST', `${path}/addLinks`, { links: ['https://a.example'] })).body;
    expect([data.name, data.links.at(-1)]).toEqual([row.name, 'https://a.example']);
    expect((await send('POST', `${path}/removeLinks`, { links: ['https://a.example'] })).body.data.links).toEqual(
      row.links,
    );
  });

  it('changes a person, whose location is then a plain string', async () => {
    const { one, row, send } = await withPerson();
    const { status, body } = await send('PUT', `/contacts/${row.contact}`, {
      name: 'Renamed Person',
      location: 'Lyon',
    });
    expect([status, Object.keys(body.data)]).toEqual([200, ['id', 'name', 'headline', 'location', 'emails', 'phones']]);
    expect((await one(`/contacts/${row.contact}`)).body.data).toMatchObject({
      name: 'Renamed Person',
      location: { name: 'Lyon' },
      emails: row.emails,
    });
    expect((await one(`/opportunities/${row.id}`)).body.data.name).toBe('Renamed Person');
  });

  it('refuses unknown stages, reasons and users, bad bodies, and grants that may only read', async () => {
    const { account, row, send, url } = await withPerson();
    const path = `/opportunities/${row.id}/stage`;
    const unknown = await send('PUT', path, { stage: 'nowhere' });
    expect([unknown.status, unknown.body.message]).toEqual([404, 'stages nowhere was not found']);
    expect((await send('PUT', `${path}?perform_as=nobody`, { stage: 'offer' })).status).toBe(404);
    expect((await send('PUT', `/opportunities/${row.id}/archived`, { reason: 'x' })).status).toBe(404);
    expect((await send('PUT', path, { stage: 'offer' }, 'only-stages')).status).toBe(403);
    const headers = { authorization: 'Bearer all', 'content-type': 'application/json' };
    expect((await fetch(url + path, { method: 'PUT', headers, body: '{' })).status).toBe(400);
    expect(account.state.version).toBe(0);
  });
});
