import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Disconnect } from '../connect/disconnect.js';
import { Revocations } from '../connections/revocations.js';
import { ProviderFault } from '../contract/fault.js';
import { pollingSeconds } from '../sync/polling-interval.js';
import { AtsOptions } from '../support/options-token.js';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { aCandidate, aJob, after, anApplication } from '../testing-support/records.js';
import { signed } from '../testing-support/signed-webhooks.js';
import type { Hooked } from '../testing-support/webhook-world.js';
import { WebhookWorld } from '../testing-support/webhook-world.js';
import { HookAdmin } from './hook-admin.js';
import { HookSetup } from './hook-setup.js';
import { WebhookCare } from './webhook-care.js';

describe('the hook of a connection', () => {
  let world: WebhookWorld;

  beforeAll(async () => {
    world = await WebhookWorld.start(true);
  }, 60_000);
  afterAll(() => world.stop());
  beforeEach(async () => {
    world.hooks.registered.clear();
    world.hooks.before = () => undefined;
    await world.ats.database.rows(`truncate ats.connections cascade`);
  });

  const sweep = () => world.ats.get(HookSetup).sweep();
  async function connect(scopes: readonly string[] = ['hooks']): Promise<{ id: string; workspaceId: string }> {
    const workspaceId = randomUUID();
    const id = await world.ats.connect({ workspaceId });
    await world.ats.database.rows(`update ats.connections set scopes = $2::jsonb where id = $1`, [
      id,
      JSON.stringify(scopes),
    ]);
    return { id, workspaceId };
  }
  const events = () => [...world.hooks.registered.values()].map(({ event }) => event).sort();
  const view = ({ id, workspaceId }: { id: string; workspaceId: string }) =>
    world.ats.get(HookAdmin).view(workspaceId, id);
  const again = () => world.ats.database.rows(`update ats.webhook_hooks set not_before = null`);

  it('is registered at the ATS, one for each event, and its deliveries hold', async () => {
    const connection = await connect();
    await sweep();
    await sweep();
    expect(events()).toEqual(['changed', 'gone']);
    const hookId = await world.hookOf(connection.id);
    expect(hookId).toMatch(/^[\w-]{43}$/);
    for (const { url, secret } of world.hooks.registered.values()) {
      expect(url).toBe(`https://app.elly.example/api/ats/webhooks/scripted/${hookId}`);
      expect((await world.send(hookId, signed({ event: 'ping' }, secret))).status).toBe(200);
    }
    expect(await view(connection)).toMatchObject({
      how: 'api',
      instructions: [],
      events: [{ hasSecret: true }, { hasSecret: true }],
    });
  });

  it('is registered anew where the process died before it kept the secret', async () => {
    const connection = await connect();
    let registered = 0;
    world.hooks.before = (call) => {
      if (call === 'register' && ++registered === 2) throw new ProviderFault('unavailable', 'Scripted is away.');
    };
    await sweep();
    await world.ats.database.rows(`update ats.webhook_secrets set remote_id = null`);
    await again();
    await sweep();
    expect(events()).toEqual(['changed', 'gone']);
    const hookId = await world.hookOf(connection.id);
    for (const { secret } of world.hooks.registered.values())
      expect((await world.send(hookId, signed({ event: 'ping' }, secret))).status).toBe(200);
  });

  it('is entered by hand where the authorisation does not reach, and registered when a reconnect brings the scope', async () => {
    const connection = await connect([]);
    await sweep();
    expect(events()).toEqual([]);
    const { how, instructions, note } = await view(connection);
    expect({ how, instructions }).toEqual({
      how: 'manual',
      instructions: [expect.stringContaining('/webhooks/scripted/')],
    });
    expect(note).toContain('does not allow');
    await world.ats.database.rows(`update ats.connections set scopes = '["hooks"]' where id = $1`, [connection.id]);
    await sweep();
    expect(events()).toEqual(['changed', 'gone']);
    expect(await view(connection)).toMatchObject({ how: 'api', note: null });
  });

  it('shows a secret of ours once, to whoever asks for a new one, and the one before holds on', async () => {
    const { id, workspaceId } = await connect([]);
    await sweep();
    const admin = world.ats.get(HookAdmin);
    const hookId = await world.hookOf(id);
    const { secret: first } = await admin.exchangeSecret(workspaceId, id, {});
    const { secret: second } = await admin.exchangeSecret(workspaceId, id, {});
    expect(first).not.toBe(second);
    for (const secret of [first, second])
      expect((await world.send(hookId, signed({ event: 'ping' }, secret ?? ''))).status).toBe(200);
    expect(JSON.stringify(await admin.view(workspaceId, id))).not.toContain(second);
    await expect(admin.exchangeSecret(randomUUID(), id, {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(admin.exchangeSecret(workspaceId, id, { secret: 'their secret' })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  it('exchanges the secrets of registered hooks by registering them anew', async () => {
    const { id, workspaceId } = await connect();
    await sweep();
    const before = [...world.hooks.registered.keys()];
    await world.ats.get(HookAdmin).exchangeSecret(workspaceId, id, {});
    await sweep();
    expect(events()).toEqual(['changed', 'gone']);
    expect([...world.hooks.registered.keys()].filter((remoteId) => before.includes(remoteId))).toEqual([]);
  });

  it('is registered anew where our routes have moved, and removed where they were', async () => {
    const connection = await connect();
    const byHand = await connect([]);
    await sweep();
    const hookId = await world.hookOf(connection.id);
    // As though this process were the first one with the present address.
    const before = (url: string) => url.replace('https://app.', 'https://old.');
    for (const [remoteId, hook] of world.hooks.registered)
      world.hooks.registered.set(remoteId, { ...hook, url: before(hook.url) });
    await world.ats.database.rows(`update ats.webhook_hooks set url = replace(url, 'https://app.', 'https://old.')`);
    const stood = [...world.hooks.registered.keys()];
    await sweep();
    const url = `https://app.elly.example/api/ats/webhooks/scripted/${hookId}`;
    expect([...world.hooks.registered.values()].map((hook) => hook.url)).toEqual([url, url]);
    expect([...world.hooks.registered.keys()].filter((remoteId) => stood.includes(remoteId))).toEqual([]);
    for (const { secret } of world.hooks.registered.values())
      expect((await world.send(hookId, signed({ event: 'ping' }, secret))).status).toBe(200);
    expect(await view(connection)).toMatchObject({ how: 'api', url });
    expect((await view(byHand)).instructions).toEqual([expect.stringContaining('https://app.elly.example/')]);
    const settled = [...world.hooks.registered.keys()];
    await sweep();
    expect([...world.hooks.registered.keys()]).toEqual(settled);
  });

  it('keeps the hooks where our routes were for as long as the ATS does not take the new ones', async () => {
    await connect();
    await sweep();
    await world.ats.database.rows(`update ats.webhook_hooks set url = replace(url, 'https://app.', 'https://old.')`);
    for (const [remoteId, hook] of world.hooks.registered)
      world.hooks.registered.set(remoteId, { ...hook, url: hook.url.replace('https://app.', 'https://old.') });
    const stood = [...world.hooks.registered.keys()];
    world.hooks.before = (call) => {
      if (call === 'register') throw new ProviderFault('unavailable', 'Scripted is away.');
    };
    await sweep();
    expect([...world.hooks.registered.keys()]).toEqual(stood);
    world.hooks.before = () => undefined;
    await again();
    await sweep();
    expect(events()).toEqual(['changed', 'gone']);
    expect([...world.hooks.registered.keys()].filter((remoteId) => stood.includes(remoteId))).toEqual([]);
  });

  it.each(['register', 'remove'] as const)(
    'goes on with the secrets it has where the ATS refuses to exchange them, at %s',
    async (refused) => {
      const { id, workspaceId } = await connect();
      await sweep();
      const hookId = await world.hookOf(id);
      const before = [...world.hooks.registered.values()];
      let calls = 0;
      world.hooks.before = (call) => {
        if (call === refused && ++calls === 2) throw new ProviderFault('forbidden-scope', 'Scripted wants an admin.');
      };
      await world.ats.get(HookAdmin).exchangeSecret(workspaceId, id, {});
      await sweep();
      await world.ats.database.rows(`update ats.webhook_secrets set retires_at = retires_at - interval '25 hours'`);
      const standing = [...world.hooks.registered.values()];
      expect(standing.some((hook) => before.includes(hook))).toBe(true);
      for (const { secret } of standing)
        expect((await world.send(hookId, signed({ event: 'ping' }, secret))).status).toBe(200);
    },
  );

  it('retires the secrets before once the ATS has the new hooks and the old ones are gone', async () => {
    const { id, workspaceId } = await connect();
    await sweep();
    const hookId = await world.hookOf(id);
    const [before] = [...world.hooks.registered.values()].map(({ secret }) => secret);
    const status = async () => (await world.send(hookId, signed({ event: 'ping' }, before ?? ''))).status;
    await world.ats.get(HookAdmin).exchangeSecret(workspaceId, id, {});
    await sweep();
    expect(await status()).toBe(200);
    await world.ats.database.rows(`update ats.webhook_secrets set retires_at = retires_at - interval '25 hours'`);
    expect(await status()).toBe(401);
  });

  it('ends with the connection: refused at once, removed at the ATS before the grant is given back', async () => {
    const connection = await connect();
    await sweep();
    const hookId = await world.hookOf(connection.id);
    const secret = [...world.hooks.registered.values()][0]?.secret ?? '';
    await world.ats.get(Disconnect).disconnect(connection.workspaceId, connection.id, 'user-1');
    expect((await world.send(hookId, signed({ event: 'ping' }, secret))).status).toBe(401);
    expect(events()).toEqual(['changed', 'gone']);
    await world.ats.get(Revocations).sweep();
    expect(events()).toEqual([]);
    expect(await world.ats.database.rows(`select 1 from ats.webhook_secrets`)).toEqual([]);
  });
});

describe('the health of a hook', () => {
  let world: WebhookWorld;
  let hook: Hooked;

  beforeAll(async () => {
    world = await WebhookWorld.start();
  }, 60_000);
  afterAll(() => world.stop());
  beforeEach(async () => {
    world.records.clear();
    world.put(aJob('j1'), aCandidate('c1'), anApplication('a1'));
    hook = await world.hook();
    await world.ats.sync(hook.connectionId);
  });

  const look = () => world.ats.get(WebhookCare).look();
  const status = () => world.ats.database.value(`select status from ats.webhook_hooks where id = $1`, [hook.hookId]);
  const issues = async () => {
    const rows = await world.ats.database.rows<{ code: string }>(
      `select code from ats.issues where connection_id = $1 and resolved_at is null`,
      [hook.connectionId],
    );
    return rows.map(({ code }) => code);
  };
  const interval = () =>
    pollingSeconds(world.ats.database.em(), hook.connectionId, world.ats.get<AtsIntegrationOptions>(AtsOptions));
  const tell = (id: string) => world.deliver(hook, { id, touched: [{ kind: 'application', remoteId: 'a1' }] });
  let changes = 0;
  const pollThatFinds = async () => {
    changes += 1;
    world.put(anApplication('a1', { stageName: `Stage ${changes}`, updatedAt: after(changes) }));
    await world.ats.sync(hook.connectionId, 'incremental');
    await look();
  };

  it('is well from the first delivery on', async () => {
    expect(await status()).toBe('waiting');
    await tell('d1');
    await look();
    expect(await status()).toBe('active');
    expect(await interval()).toBe(900);
  });

  it('is bad when polls find what a hook that told of such before did not tell, until it tells again', async () => {
    await tell('d1');
    await look();
    await world.readNamed(hook.connectionId);
    for (let poll = 0; poll < 3; poll += 1) await pollThatFinds();
    expect(await status()).toBe('silent');
    expect(await issues()).toEqual(['webhooks-silent']);
    expect(await interval()).toBe(300);
    await world.ats.database.rows(
      `update ats.webhook_hooks set last_genuine_at = last_genuine_at - interval '1 minute' where id = $1`,
      [hook.hookId],
    );
    await tell('d2');
    await look();
    expect(await status()).toBe('active');
    expect(await issues()).toEqual([]);
    expect(await interval()).toBe(900);
  });

  it('is not bad when polls find nothing', async () => {
    await tell('d1');
    await look();
    await world.readNamed(hook.connectionId);
    for (let poll = 0; poll < 4; poll += 1) {
      await world.ats.sync(hook.connectionId, 'incremental');
      await look();
    }
    expect(await status()).toBe('active');
  });

  it('is bad when its deliveries are refused again and again, until one holds', async () => {
    await world.ats.database.rows(`update ats.webhook_hooks set failures = 4 where id = $1`, [hook.hookId]);
    expect((await world.send(hook.hookId, signed({}, 'wrong'))).status).toBe(401);
    while (
      (await world.ats.database.value(`select failures from ats.webhook_hooks where id = $1`, [hook.hookId])) !== 5
    )
      await new Promise((resolve) => setTimeout(resolve, 10));
    await look();
    expect(await status()).toBe('failing');
    expect(await issues()).toEqual(['webhooks-failing']);
    await tell('d1');
    await look();
    expect(await status()).toBe('active');
    expect(await issues()).toEqual([]);
  });
});
