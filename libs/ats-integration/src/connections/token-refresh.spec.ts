import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { SealedBox } from '../support/sealed-box.js';
import { sealCredentials } from './credentials.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenRefresh } from './token-refresh.js';

/** A sign-in server that rotates: a refresh token works once, and using an old one kills the grant. */
describe('TokenRefresh', () => {
  let server: LocalServer;
  let ats: RunningAts;
  let connection: string;
  let refreshToken: string;
  let dead: boolean;

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: new ScriptedAts().provider, url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    server.heard.length = 0;
    refreshToken = 'refresh-1';
    dead = false;
    server.answer = (response, { body }) => {
      if (dead || new URLSearchParams(body).get('refresh_token') !== refreshToken) {
        dead = true;
        return json(response, 400, { error: 'invalid_grant' });
      }
      refreshToken = `refresh-${server.heard.length + 1}`;
      json(response, 200, {
        access_token: `access-${server.heard.length + 1}`,
        refresh_token: refreshToken,
        expires_in: 60,
      });
    };
    connection = await ats.connect({
      credentials: { kind: 'oauth2', accessToken: 'access-1', refreshToken: 'refresh-1', expiresAt: 0 },
    });
  });

  const another = (): TokenRefresh =>
    new TokenRefresh(ats.database.em(), ats.get(ProviderRegistry), ats.get(TokenEndpoint), ats.get(SealedBox));

  async function storeAsSibling(accessToken: string): Promise<void> {
    const [row] = await ats.database.rows<{ workspace_id: string }>(
      `select workspace_id from ats.connections where id = $1`,
      [connection],
    );
    const owner = { id: connection, workspaceId: row?.workspace_id ?? '' };
    const sealed = sealCredentials(ats.get(SealedBox), owner, {
      kind: 'oauth2',
      accessToken,
      refreshToken,
      expiresAt: Date.now() + 60_000,
    });
    await ats.database.rows(
      `update ats.connections set sealed_credentials = $2, credentials_version = credentials_version + 1 where id = $1`,
      [connection, sealed],
    );
  }

  it('asks once for fifty who need it at once', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => ats.get(TokenRefresh).refresh(connection, 1)));
    expect(server.heard).toHaveLength(1);
    expect(new Set(all.map(({ credentials }) => JSON.stringify(credentials))).size).toBe(1);
    expect(all[0]).toMatchObject({ version: 2, credentials: { accessToken: 'access-2' } });
  });

  it('asks once for five processes, and the grant survives', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => another().refresh(connection, 1)));
    expect(server.heard).toHaveLength(1);
    expect(dead).toBe(false);
    for (const { version, credentials } of all) {
      expect({ version, credentials }).toMatchObject({ version: 2, credentials: { accessToken: 'access-2' } });
    }
  });

  it('asks nobody when a sibling has refreshed already', async () => {
    await storeAsSibling('access-of-sibling');
    const { version, credentials } = await ats.get(TokenRefresh).refresh(connection, 1);
    expect([version, credentials]).toMatchObject([2, { accessToken: 'access-of-sibling' }]);
    expect(server.heard).toEqual([]);
  });

  it('does not take the grant for dead when a sibling refreshed while we asked', async () => {
    server.answer = async (response) => {
      await storeAsSibling('access-of-sibling');
      json(response, 400, { error: 'invalid_grant' });
    };
    const { credentials } = await ats.get(TokenRefresh).refresh(connection, 1);
    expect(credentials).toMatchObject({ accessToken: 'access-of-sibling' });
  });

  it('takes the grant for dead when nobody refreshed, and asks again only when asked', async () => {
    dead = true;
    await expect(ats.get(TokenRefresh).refresh(connection, 1)).rejects.toMatchObject({ code: 'auth-revoked' });
    expect(server.heard).toHaveLength(1);
  });

  it('lets the next one try at once after the sign-in server was away', async () => {
    const { answer } = server;
    server.answer = (response) => json(response, 503, {});
    await expect(ats.get(TokenRefresh).refresh(connection, 1)).rejects.toMatchObject({ code: 'unavailable' });
    server.answer = answer;
    refreshToken = 'refresh-1';
    expect((await ats.get(TokenRefresh).refresh(connection, 1)).version).toBe(2);
  });

  it('stores nothing for a connection that was disconnected while we asked', async () => {
    const { answer } = server;
    server.answer = async (response, heard, request) => {
      await ats.database.rows(
        `update ats.connections set epoch = epoch + 1, status = 'disconnected', sealed_credentials = null where id = $1`,
        [connection],
      );
      await answer(response, heard, request);
    };
    await expect(ats.get(TokenRefresh).refresh(connection, 1)).rejects.toThrow();
    expect(
      await ats.database.value(`select sealed_credentials from ats.connections where id = $1`, [connection]),
    ).toBeNull();
  });

  it('says to connect again when there is nothing to renew with', async () => {
    const id = await ats.connect({
      credentials: { kind: 'oauth2', accessToken: 'access-1', refreshToken: null, expiresAt: 0 },
    });
    await expect(ats.get(TokenRefresh).refresh(id, 1)).rejects.toThrow('Connect the ATS again.');
    expect(server.heard).toEqual([]);
  });
});
