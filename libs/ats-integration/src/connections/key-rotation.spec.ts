import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import { SealedBox } from '../support/sealed-box.js';
import type { SealingKey } from '../support/sealed-box.js';
import { readCredentials } from './credentials.js';
import { KeyRotation } from './key-rotation.js';
import { giveBack } from './revocation-entries.js';
import { verifierContext, webhookSecretContext } from './sealed-contexts.js';
import { TokenRefresh } from './token-refresh.js';

const OLD: SealingKey = { id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') };
const NEW: SealingKey = { id: 'k2', secret: Buffer.alloc(32, 8).toString('base64') };

describe('KeyRotation', () => {
  const { provider } = new ScriptedAts();
  const before = new SealedBox([OLD]);
  const after = new SealedBox([NEW, OLD]);
  let server: LocalServer;
  let ats: RunningAts;

  beforeAll(async () => {
    server = await LocalServer.start();
    // The running application has both keys, the new one first: as after the first step of a rotation.
    ats = await RunningAts.start({ provider, url: server.url, options: { encryptionKeys: [NEW, OLD] } });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    await ats.database.rows(`truncate ats.connections cascade`);
    server.heard.length = 0;
  });

  const rotation = (box = after) => new KeyRotation(ats.database.em(), box);
  const read = (id: string, box = after) => readCredentials(ats.database.em(), box, id);

  /** As the application left it before the rotation: sealed with the old key. */
  async function oldConnection(workspaceId: string = randomUUID()): Promise<string> {
    const id = await ats.connect({ workspaceId });
    const sealed = before.seal(
      JSON.stringify({ kind: 'oauth2', accessToken: 'canary-a', refreshToken: 'canary-r', expiresAt: 0 }),
      `v1|${workspaceId}|${id}|connections.sealed_credentials`,
    );
    await ats.database.rows(`update ats.connections set sealed_credentials = $2 where id = $1`, [id, sealed]);
    return id;
  }
  const keyOf = (id: string) =>
    ats.database.value<string>(`select split_part(sealed_credentials, '.', 2) from ats.connections where id = $1`, [
      id,
    ]);

  it('seals all four tables anew with the first key of the ring, and says which keys are in use (ASVS 11.2.2, 13.3.4)', async () => {
    const id = await oldConnection('w');
    await ats.database.rows(
      `insert into ats.connect_states (state_hash, connection_id, workspace_id, user_id, provider, redirect_uri, sealed_verifier, expires_at)
       values ('hash', $1, 'w', 'u', $2, 'https://x', $3, now()), ('hash-2', $1, 'w', 'u', $2, 'https://x', null, now())`,
      [id, SCRIPTED_ID, before.seal('verifier', verifierContext(id))],
    );
    const grant = { kind: 'oauth2', accessToken: 'a', refreshToken: 'r', expiresAt: 0 } as const;
    const owner = { id, workspaceId: 'w', provider: SCRIPTED_ID };
    await giveBack(ats.database.em(), before, provider, owner, grant, new Date());

    const secretId = randomUUID();
    await ats.database.rows(
      `insert into ats.webhook_hooks (id, connection_id, provider, how, status, status_at, url, created_at)
       values ('hook', $1, $2, 'manual', 'waiting', now(), 'https://x', now())`,
      [id, SCRIPTED_ID],
    );
    await ats.database.rows(
      `insert into ats.webhook_secrets (id, hook_id, connection_id, workspace_id, sealed_secret, created_at) values ($1, 'hook', $2, 'w', $3, now())`,
      [secretId, id, before.seal('hook secret', webhookSecretContext({ id: secretId, workspaceId: 'w' }))],
    );

    expect(await rotation().keysInUse()).toEqual({ k1: 4 });
    expect(await rotation().reseal()).toEqual({
      tables: [
        { table: 'connections', resealed: 1, unopened: [] },
        { table: 'connect_states', resealed: 1, unopened: [] },
        { table: 'revocations', resealed: 1, unopened: [] },
        { table: 'webhook_secrets', resealed: 1, unopened: [] },
      ],
      keysInUse: { k2: 4 },
    });
    expect((await read(id, new SealedBox([NEW]))).credentials).toMatchObject({ refreshToken: 'canary-r' });
    const verifier = await ats.database.value<string>(
      `select sealed_verifier from ats.connect_states where state_hash = 'hash'`,
    );
    expect(new SealedBox([NEW]).open(verifier, verifierContext(id))).toBe('verifier');
  });

  it('changes no version, so that nobody who holds credentials is disturbed', async () => {
    const id = await oldConnection();
    const { version } = await read(id);
    await rotation().reseal();
    expect((await read(id)).version).toBe(version);
  });

  it('does in batches what does not fit into one, and nothing the second time', async () => {
    for (let count = 0; count < 25; count += 1) await oldConnection();
    const { tables } = await rotation().reseal({ batchSize: 4 });
    expect(tables[0]).toMatchObject({ resealed: 25 });
    expect((await rotation().reseal()).tables[0]).toMatchObject({ resealed: 0 });
  });

  it('goes on where a killed one stopped (F36)', async () => {
    for (let count = 0; count < 6; count += 1) await oldConnection();
    let sealed = 0;
    const dying = new SealedBox([NEW, OLD]);
    dying.seal = (text, context) => {
      sealed += 1;
      if (sealed > 3) throw new Error('killed');
      return after.seal(text, context);
    };
    await expect(rotation(dying).reseal({ batchSize: 1 })).rejects.toThrow('killed');
    expect(await rotation().keysInUse()).toEqual({ k1: 3, k2: 3 });
    expect((await rotation().reseal()).keysInUse).toEqual({ k2: 6 });
  });

  it('names a row that it cannot open, leaves it as it is and goes on with the others (F36)', async () => {
    const lost = await oldConnection();
    await ats.database.rows(
      `update ats.connections set sealed_credentials = replace(sealed_credentials, 'v1.k1.', 'v1.k0.') where id = $1`,
      [lost],
    );
    const held = await ats.database.value<string>(`select sealed_credentials from ats.connections where id = $1`, [
      lost,
    ]);
    for (let count = 0; count < 5; count += 1) await oldConnection();
    const { tables, keysInUse } = await rotation().reseal({ batchSize: 2 });
    expect(tables[0]).toEqual({ table: 'connections', resealed: 5, unopened: [lost] });
    expect(keysInUse).toEqual({ k0: 1, k2: 5 });
    expect(await ats.database.value(`select sealed_credentials from ats.connections where id = $1`, [lost])).toBe(held);
  });

  it('never overwrites what a refresh stores meanwhile (F36)', async () => {
    server.answer = (response, { body }) =>
      json(response, 200, {
        access_token: `access-after-${new URLSearchParams(body).get('refresh_token')}`,
        refresh_token: 'renewed',
        expires_in: 3600,
      });
    const ids = await Promise.all(Array.from({ length: 30 }, () => oldConnection()));
    await Promise.all([
      ...ids.map((id) => ats.get(TokenRefresh).refresh(id, 1)),
      ...Array.from({ length: 4 }, () => rotation().reseal({ batchSize: 3 })),
    ]);
    for (const id of ids) {
      expect(await read(id)).toMatchObject({ version: 2, credentials: { refreshToken: 'renewed' } });
      expect(await keyOf(id)).toBe('k2');
    }
    expect(server.heard).toHaveLength(30);
  });

  it('passes over a row that somebody else holds, and takes it when it is free', async () => {
    const id = await oldConnection();
    let resealing: Promise<unknown> | undefined;
    const free = await oldConnection();
    await ats.database.em().transactional(async (em) => {
      await em.execute(`select 1 from ats.connections where id = '${id}' for update`);
      resealing = rotation().reseal();
      // On the embedded Postgres the other one waits for this transaction; on a server it passes the row over.
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await resealing;
    await rotation().reseal();
    expect([await keyOf(id), await keyOf(free)]).toEqual(['k2', 'k2']);
  });

  describe('a sealed value stays where it belongs (F36, ASVS 11.3.2)', () => {
    const cannotOpen = { code: 'cannot-open' };
    const move = (from: string, to: string) =>
      ats.database.rows(
        `update ats.connections set sealed_credentials = (select sealed_credentials from ats.connections where id = $1) where id = $2`,
        [from, to],
      );

    it("does not open in another connection's row", async () => {
      const [from, to] = [await oldConnection('w'), await oldConnection('w')];
      await move(from, to);
      await expect(read(to)).rejects.toMatchObject(cannotOpen);
      expect((await rotation().reseal()).tables[0]?.unopened).toEqual([to]);
    });

    it('does not open in another workspace', async () => {
      const id = await oldConnection('w');
      await ats.database.rows(`update ats.connections set workspace_id = 'globex' where id = $1`, [id]);
      await expect(read(id)).rejects.toMatchObject(cannotOpen);
    });

    it('does not open in another column', async () => {
      const id = await oldConnection('w');
      await ats.database.rows(`update ats.connections set sealed_credentials = $2 where id = $1`, [
        id,
        before.seal('{}', verifierContext(id)),
      ]);
      await expect(read(id)).rejects.toMatchObject(cannotOpen);
    });

    it('does not open under the id of another key', async () => {
      const id = await oldConnection('w');
      await ats.database.rows(
        `update ats.connections set sealed_credentials = replace(sealed_credentials, 'v1.k1.', 'v1.k2.') where id = $1`,
        [id],
      );
      await expect(read(id)).rejects.toMatchObject(cannotOpen);
    });

    it('does not open without its key, says which one to put back, and opens again when it is back', async () => {
      const id = await oldConnection('w');
      await expect(read(id, new SealedBox([NEW]))).rejects.toThrow('key "k1" is not in the ring; put it back');
      expect((await rotation(new SealedBox([NEW])).reseal()).tables[0]?.unopened).toEqual([id]);
      expect((await read(id)).credentials).toMatchObject({ refreshToken: 'canary-r' });
    });
  });
});
