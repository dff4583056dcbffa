import { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { Disconnect } from '../connect/disconnect.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import { ConnectionCare } from './connection-care.js';
import { KeepAlive } from './keep-alive.js';
import { Revocations } from './revocations.js';

const SWEEP_MS = 50;

class ImpatientSweeps extends Sweeps {
  override every(_: number, logger: Logger, work: () => Promise<void>): Sweep {
    return super.every(SWEEP_MS, logger, work);
  }
}

describe('ConnectionCare', () => {
  let server: LocalServer;
  let ats: RunningAts;
  let care: ConnectionCare;
  /** Revocations that the ATS has not answered yet. */
  let held: (() => void)[];

  beforeEach(async () => {
    held = [];
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: new ScriptedAts().provider, url: server.url });
    const options = { sync: { schedule: true } } as AtsIntegrationOptions;
    const sweeps = new ImpatientSweeps(ats.get(SchedulerRegistry), options);
    care = new ConnectionCare(ats.get(KeepAlive), ats.get(Revocations), sweeps);
    server.answer = (response, { url }) => {
      if (url === '/revoke') held.push(() => void response.writeHead(200).end());
      else json(response, 200, { access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 3600 });
    };
  });
  afterEach(async () => {
    for (const letGo of held) letGo();
    server.answer = (response) => void response.writeHead(200).end();
    await care.onApplicationShutdown();
    await ats.stop();
    await server.stop();
  });

  async function until(done: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  async function handOver(): Promise<void> {
    const id = await ats.connect();
    const workspaceId = await ats.database.value<string>(`select workspace_id from ats.connections where id = $1`, [
      id,
    ]);
    await ats.get(Disconnect).disconnect(workspaceId, id, 'user-1');
  }

  it('keeps authorisations alive while an ATS does not answer the revocation of another one', async () => {
    await handOver();
    care.onApplicationBootstrap();
    await until(() => held.length === 1);
    const id = await ats.connect();
    await ats.database.rows(
      `update ats.connections set refreshed_at = now() - interval '7 hours', refresh_expires_at = now() + interval '17 hours' where id = $1`,
      [id],
    );
    const version = () =>
      ats.database.value<number>(`select credentials_version from ats.connections where id = $1`, [id]);
    await until(async () => (await version()) === 2);
    expect(held).toHaveLength(1);
  }, 10_000);

  it('ends after the revocations that are under way, and begins no further one', async () => {
    for (let count = 0; count < 12; count += 1) await handOver();
    care.onApplicationBootstrap();
    await until(() => held.length >= 4);
    let ended = false;
    const ending = care.onApplicationShutdown().then(() => void (ended = true));
    // Each gives both of its tokens back, and that is all.
    await until(() => {
      for (const letGo of held.splice(0)) letGo();
      return ended;
    });
    await ending;
    expect(server.heard).toHaveLength(8);
    expect(await ats.database.value(`select count(*)::int from ats.revocations`)).toBe(8);
  }, 10_000);
});
