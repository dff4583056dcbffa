import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CanActivate } from '@nestjs/common';
import { signed } from '../testing-support/signed-webhooks.js';
import type { Told } from '../testing-support/signed-webhooks.js';
import type { Hooked } from '../testing-support/webhook-world.js';
import { WebhookWorld } from '../testing-support/webhook-world.js';

/** The host's own: nobody without a session gets past it. */
class NobodyGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

const TOLD: Told = { id: 'd1', touched: [{ kind: 'application', remoteId: 'a1' }] };

describe('a delivery', () => {
  let world: WebhookWorld;
  let hook: Hooked;

  beforeAll(async () => {
    world = await WebhookWorld.start(false, { guards: [NobodyGuard] });
  }, 60_000);
  afterAll(() => world.stop());
  beforeEach(async () => {
    hook = await world.hook();
  });

  const send = (told = signed(TOLD, hook.secret)) => world.send(hook.hookId, told);
  const kept = () => world.inbox(hook.connectionId);

  it('that is genuine is named in the inbox and answered 200, whatever guards the host has', async () => {
    expect(await send()).toEqual({ status: 200, text: '' });
    expect(await kept()).toEqual([{ state: 'pending', event: 'changed', attempts: 0 }]);
  });

  it('is kept by the ids that it names and by nothing else of it', async () => {
    const body = JSON.stringify({
      ...TOLD,
      person: 'canary-ines',
      touched: [{ kind: 'candidate', remoteId: 'c1', name: 'canary-ines' }],
    });
    expect((await send(signed(body, hook.secret))).status).toBe(200);
    const [row] = await world.ats.database.rows<{ whole: string }>(
      `select to_jsonb(i)::text as whole from ats.webhook_inbox i where connection_id = $1`,
      [hook.connectionId],
    );
    expect(row?.whole).toContain('"remoteId": "c1"');
    expect(row?.whole).not.toContain('canary');
  });

  it('is refused when a single byte of its body was changed, wherever', async () => {
    const { headers, body } = signed(TOLD, hook.secret);
    for (let at = 0; at < body.length; at += 1) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const answer = await world.send(hook.hookId, {
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        body: changed.toString('latin1'),
      });
      expect({ at, status: answer.status }).toEqual({ at, status: 401 });
    }
    expect(await kept()).toEqual([]);
  });

  it('is refused in the same words whether the hook, the secret, the signature or the sender is wrong, and nothing is kept', async () => {
    const other = await world.hook();
    const { headers, body } = signed(TOLD, hook.secret);
    const without = (name: string) => Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
    const moment = headers['x-moment'] ?? '';
    const sha1 = createHmac('sha1', hook.secret).update(`${moment}.${body}`).digest('hex');
    const answers = [
      await world.send('A'.repeat(43), { headers, body }),
      await world.send('short', { headers, body }),
      await world.send(hook.hookId, { headers, body }, 'nobody'),
      await world.send(hook.hookId, signed(TOLD, 'a wrong secret')),
      await world.send(hook.hookId, signed(TOLD, other.secret)),
      await world.send(hook.hookId, { headers: without('x-signature'), body }),
      await world.send(hook.hookId, { headers: without('x-moment'), body }),
      await world.send(hook.hookId, { headers: { ...headers, 'x-signature': `v1=${sha1}` }, body }),
      await world.send(hook.hookId, {
        headers: { ...headers, 'x-signature': `v1=${(headers['x-signature'] ?? '').slice(3).toUpperCase()}` },
        body,
      }),
      await world.send(hook.hookId, { headers: { ...headers, 'x-signature': 'v1=' }, body }),
      await world.send(hook.hookId, { headers, body: JSON.stringify(JSON.parse(body), null, 1) }),
      await world.send(hook.hookId, { headers, body: '' }),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['401 The delivery is not genuine.']),
    );
    expect(await kept()).toEqual([]);
    expect(await world.inbox(other.connectionId)).toEqual([]);
  });

  it('is refused while the hook has no secret', async () => {
    await world.ats.database.rows(`delete from ats.webhook_secrets where hook_id = $1`, [hook.hookId]);
    expect((await send(signed(TOLD, ''))).status).toBe(401);
    expect((await send()).status).toBe(401);
  });

  it('holds with either of two secrets while they are exchanged, and with the old one no longer after a day', async () => {
    const next = { ...hook, secret: 'the next secret' };
    await world.addSecret(next);
    expect((await send(signed({ ...TOLD, id: 'old' }, hook.secret))).status).toBe(200);
    expect((await send(signed({ ...TOLD, id: 'new' }, next.secret))).status).toBe(200);
    await world.ats.database.rows(
      `update ats.webhook_secrets set retires_at = retires_at - interval '25 hours' where hook_id = $1`,
      [hook.hookId],
    );
    expect((await send(signed({ ...TOLD, id: 'late' }, hook.secret))).status).toBe(401);
    expect((await send(signed({ ...TOLD, id: 'still' }, next.secret))).status).toBe(200);
    expect(await kept()).toHaveLength(3);
  });

  it('is refused when it was signed long ago or in the future, within the tolerance it is not', async () => {
    const at = (seconds: number) =>
      signed({ ...TOLD, id: String(seconds) }, hook.secret, new Date(Date.now() + seconds * 1000));
    const answers = [];
    for (const seconds of [-31_536_000, -310, 310, -280, 280]) answers.push((await send(at(seconds))).status);
    expect(answers).toEqual([401, 401, 401, 200, 200]);
    expect(await kept()).toHaveLength(2);
  });

  it('that comes again and again is answered 200 each time and kept once', async () => {
    const delivery = signed(TOLD, hook.secret);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(delivery)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await kept()).toHaveLength(1);
  });

  it('without an id of its own is known again by its body', async () => {
    const { id: _, ...unnamed } = TOLD;
    for (let time = 0; time < 3; time += 1) await send(signed(unnamed, hook.secret));
    expect(await kept()).toHaveLength(1);
  });

  it('that is a test is answered, noted and kept nowhere', async () => {
    expect((await send(signed({ event: 'ping' }, hook.secret))).status).toBe(200);
    expect(await kept()).toEqual([]);
    const last = await world.ats.database.value(`select last_delivery_at from ats.webhook_hooks where id = $1`, [
      hook.hookId,
    ]);
    expect(last).not.toBeNull();
  });

  it('that is genuine but not as documented is answered 200: sending it again would not help', async () => {
    expect((await send(signed('{"touched":7}', hook.secret))).status).toBe(200);
    expect(await kept()).toEqual([{ state: 'ignored', event: 'unreadable', attempts: 0 }]);
  });

  it('larger than 5 MB is not read to its end', async () => {
    const body = 'x'.repeat(5 * 1024 * 1024 + 1);
    const { headers } = signed(body, hook.secret);
    const answer = await send({ headers: { ...headers, 'content-type': 'text/plain' }, body }).catch(() => ({
      status: 413,
    }));
    expect(answer.status).toBe(413);
    expect(await kept()).toEqual([]);
  });

  it('to a connection that was disconnected is refused like one to nobody', async () => {
    await world.ats.database.rows(
      `update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`,
      [hook.connectionId],
    );
    expect((await send()).status).toBe(401);
  });

  it('writes with a single statement', async () => {
    await send();
    await world.ats.database.rows(`create table if not exists public.writes (what text)`);
    await world.ats.database.rows(`create or replace function public.note_write() returns trigger language plpgsql as $$
      begin insert into public.writes values (tg_table_schema || '.' || tg_table_name || ' ' || tg_op); return null; end $$`);
    const tables = await world.ats.database.rows<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'ats'`,
    );
    for (const { name } of tables)
      await world.ats.database.rows(
        `create trigger note after insert or update or delete on ats.${name} for each row execute function public.note_write()`,
      );
    try {
      await send(signed({ ...TOLD, id: 'd2' }, hook.secret));
      expect(await world.ats.database.rows(`select what from public.writes`)).toEqual([
        { what: 'ats.webhook_inbox INSERT' },
      ]);
    } finally {
      for (const { name } of tables) await world.ats.database.rows(`drop trigger note on ats.${name}`);
    }
  });
});

describe('a host that does not keep the bytes of a body', () => {
  it('is told how to, instead of refusing everything as forged', async () => {
    const world = await WebhookWorld.start(false, { rawBody: false });
    const hook = await world.hook();
    const answer = await world.send(hook.hookId, signed(TOLD, hook.secret));
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('does not keep the bytes');
    await world.stop();
  }, 60_000);
});
