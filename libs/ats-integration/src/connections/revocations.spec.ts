import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Disconnect } from '../connect/disconnect.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { Revocations } from './revocations.js';

const SECRETS = /canary/;

describe('Revocations', () => {
  let server: LocalServer;
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: new ScriptedAts().provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    await ats.database.rows(`delete from ats.revocations`);
    server.heard.length = 0;
    server.answer = (response) => void response.writeHead(200).end();
    connection = await handOver();
  });

  async function handOver(): Promise<string> {
    const id = await ats.connect();
    await ats.get(Disconnect).disconnect(await workspaceOf(id), id, 'user-1');
    return id;
  }

  const workspaceOf = (id: string) =>
    ats.database.value<string>(`select workspace_id from ats.connections where id = $1`, [id]);
  const sweep = () => ats.get(Revocations).sweep();
  const left = () => ats.database.value<number>(`select count(*)::int from ats.revocations`);
  const set = (assignments: string) => ats.database.rows(`update ats.revocations set ${assignments}`);

  it('gives the refresh token back first, then the access token (RFC 7009), and forgets both', async () => {
    expect(await sweep()).toBe(1);
    expect(server.heard.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /revoke', 'POST /revoke']);
    expect(server.heard.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toEqual([
      { token: 'canary-refresh-token', token_type_hint: 'refresh_token' },
      { token: 'canary-access-token', token_type_hint: 'access_token' },
    ]);
    const basic = `Basic ${Buffer.from('elly:canary-client-secret').toString('base64')}`;
    expect(server.heard.every(({ headers }) => headers.authorization === basic)).toBe(true);
    expect(await left()).toBe(0);
  });

  it('keeps what it holds sealed, bound to its own row (ASVS 11.3.2)', async () => {
    const row = await ats.database.value<string>(`select row_to_json(r)::text from ats.revocations r`);
    expect(row).not.toMatch(SECRETS);
    await set(
      `sealed_credentials = (select sealed_credentials from ats.connections where id = '${await ats.connect()}')`,
    );
    expect(await sweep()).toBe(0);
    expect(server.heard).toEqual([]);
  });

  it.each([
    [503, {}],
    [401, { error: 'invalid_client' }],
  ])('tries again later after HTTP %d', async (status, body) => {
    server.answer = (response) => json(response, status, body);
    expect(await sweep()).toBe(0);
    expect(await sweep()).toBe(0);
    expect(server.heard).toHaveLength(1);
    expect(await left()).toBe(1);
    server.answer = (response) => void response.writeHead(200).end();
    await set(`not_before = now()`);
    expect(await sweep()).toBe(1);
  });

  it('waits twice as long after each failure, up to an hour', async () => {
    server.answer = (response) => json(response, 503, {});
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      await sweep();
      waits.push(
        await ats.database.value<number>(
          `select round(extract(epoch from not_before - now()) / 10)::int * 10 from ats.revocations`,
        ),
      );
      await set(`not_before = now()`);
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  it('does not insist where the ATS takes back only one type of token (RFC 7009 §2.2.1)', async () => {
    server.answer = (response, { body }) =>
      body.includes('access_token')
        ? json(response, 400, { error: 'unsupported_token_type' })
        : void response.writeHead(200).end();
    expect(await sweep()).toBe(1);
  });

  describe('where a server may keep one grant for several sign-ins', () => {
    const workspace = () => workspaceOf(connection);
    const name = (id: string, account: string | null) =>
      ats.database.rows(`update ats.connections set remote_account_id = $2 where id = $1`, [id, account]);
    const expectKept = async (): Promise<void> => {
      expect(await sweep()).toBe(1);
      expect(await left()).toBe(0);
      expect(server.heard).toEqual([]);
    };

    it('leaves it to the connection that was made with the same account while the ATS was away', async () => {
      await name(connection, `acme-${connection}`);
      server.answer = (response) => json(response, 503, {});
      await sweep();
      server.heard.length = 0;
      await name(await ats.connect(), `acme-${connection}`);
      await set(`not_before = now()`);
      await expectKept();
    });

    it('leaves it to any other of the workspace where the accounts have no names', async () => {
      await ats.connect({ workspaceId: await workspace() });
      await expectKept();
    });

    it.each(['another account', 'another workspace, without a name'])('gives it back beside %s', async (other) => {
      await name(connection, `acme-${connection}`);
      const apart = other === 'another account';
      await name(await ats.connect(apart ? { workspaceId: await workspace() } : {}), apart ? 'globex' : null);
      expect(await sweep()).toBe(1);
      expect(server.heard).toHaveLength(2);
    });

    it('gives it back when the grant of the other one is dead', async () => {
      const other = await ats.connect({ workspaceId: await workspace() });
      await ats.database.rows(`update ats.connections set status = 'suspended', grant_dead_at = now() where id = $1`, [
        other,
      ]);
      expect(await sweep()).toBe(1);
      expect(server.heard).toHaveLength(2);
    });

    it('waits for a sign-in of the workspace that is open', async () => {
      await ats.database.rows(
        `insert into ats.connections (id, workspace_id, provider, status, created_by, created_at)
         values (gen_random_uuid(), $1, $2, 'authorizing', 'user-1', now())`,
        [await workspace(), SCRIPTED_ID],
      );
      expect(await sweep()).toBe(0);
      expect([server.heard.length, await left()]).toEqual([0, 1]);
    });
  });

  it('gives up after a day and destroys the credentials all the same', async () => {
    server.answer = (response) => json(response, 503, {});
    await sweep();
    await set(`created_at = now() - interval '25 hours', not_before = now()`);
    expect(await sweep()).toBe(1);
    expect(await left()).toBe(0);
    expect(server.heard).toHaveLength(1);
  });

  it('gives each back once although two processes sweep at once', async () => {
    await Promise.all([sweep(), sweep()]);
    expect(server.heard).toHaveLength(2);
  });

  it('does not ask one after the other: twenty that are slow take as long as five, and no more than four are asked at once', async () => {
    for (let count = 1; count < 20; count += 1) await handOver();
    let asked = 0;
    let most = 0;
    server.answer = async (response) => {
      asked += 1;
      most = Math.max(most, asked);
      await new Promise((resolve) => setTimeout(resolve, 50));
      asked -= 1;
      response.writeHead(200).end();
    };
    expect(await sweep()).toBe(20);
    expect(most).toBe(4);
    expect(await left()).toBe(0);
  });

  it('takes none before it asks for it: what waits behind slow ones is free for another process', async () => {
    for (let count = 1; count < 10; count += 1) await handOver();
    const held: (() => void)[] = [];
    server.answer = (response) => void held.push(() => void response.writeHead(200).end());
    const slow = sweep();
    while (held.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await ats.database.value<number>(`select count(*)::int from ats.revocations where attempts = 0`)).toBe(6);
    server.answer = (response) => void response.writeHead(200).end();
    expect(await sweep()).toBe(6);
    for (const letGo of held) letGo();
    expect(await slow).toBe(4);
  });
});
