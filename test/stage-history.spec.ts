import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderId, Sandbox, SimulatedAccount } from '@elly/ats-sandbox';
import { createSandbox } from '@elly/ats-sandbox';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EllyClient } from '../apps/demo/src/elly-client.js';
import { runElly } from '../apps/elly/src/testing/running-elly.js';
import type { RunningElly } from '../apps/elly/src/testing/running-elly.js';

const MINUTES = 60_000;
const CLIENTS = {
  greenhouse: ['elly-greenhouse-1001', 'sandbox-greenhouse-secret'],
  lever: ['elly-lever', 'sandbox-lever-secret'],
} as const;

interface Application {
  readonly id: string;
  readonly jobId: string;
  readonly stageId: string;
}
interface Stay {
  readonly stageRemoteId: string;
  readonly stageName: string | null;
  readonly leftAt: string | null;
}

/** No hook is registered in these accounts: of what happens in them, Elly learns by polling alone. */
describe.each(Object.keys(CLIENTS) as ProviderId[])('a %s whose webhooks are all lost', (provider) => {
  let sandbox: Sandbox;
  let account: SimulatedAccount;
  let running: RunningElly;
  let elly: EllyClient;
  let connection: string;

  beforeAll(async () => {
    sandbox = createSandbox();
    const { url } = await sandbox.listen(0);
    const [clientId, clientSecret] = CLIENTS[provider];
    const prefix = provider.toUpperCase();
    running = await runElly({
      [`${prefix}_API_URL`]: `${url}/${provider}`,
      [`${prefix}_AUTH_URL`]: `${url}/${provider}-auth`,
      [`${prefix}_CLIENT_ID`]: clientId,
      [`${prefix}_CLIENT_SECRET`]: clientSecret,
    });
    const { publicUrl } = running.elly.config;
    const redirectUris = [`${publicUrl}/api/ats/oauth/callback/${provider}`];
    sandbox.clients.register({ provider, clientId, clientSecret, redirectUris });
    account = sandbox.accounts.create({ provider, name: 'Acme', seed: 3, candidates: 80, knobs: { rateLimit: 'off' } });
    elly = new EllyClient(publicUrl, 'ada@acme.example');
    await elly.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
    connection = await elly.connect(provider, account.id);
    const [run] = await elly.runs(connection);
    await elly.ended(connection, run?.id ?? '');
  }, MINUTES);
  afterAll(async () => {
    await running.stop();
    await sandbox.close();
  });

  const poll = async (): Promise<void> => {
    const path = `/api/ats/connections/${connection}/sync-runs/incremental`;
    const { runId } = await elly.send<{ runId: string }>('POST', path);
    await elly.ended(connection, runId);
  };
  /** Somebody in process whom Elly has, and the two stages behind theirs. */
  const onTheirWay = (): { application: Application; further: readonly string[] } => {
    const stages = account.records('stages', 0, 1000);
    for (const row of account.records('applications', 0, 1000)) {
      const application = row as unknown as Application & { status: string; inScope: boolean };
      if (!application.inScope || !['active', 'in_process'].includes(application.status)) continue;
      const pipeline = stages
        .filter(({ jobId, active }) => (jobId ?? application.jobId) === application.jobId && active !== false)
        .map(({ id }) => String(id));
      const at = pipeline.indexOf(application.stageId);
      const further = pipeline.slice(at + 1, at + 3);
      if (at >= 0 && further.length === 2) return { application, further };
    }
    throw new Error('Nobody is on their way with two stages before them.');
  };
  const historyOf = async (remoteId: string): Promise<readonly Stay[]> => {
    const below = `/api/ats/connections/${connection}`;
    const { id } = await elly.get<{ id: string }>(`${below}/records/application/${remoteId}`);
    return elly.get(`${below}/applications/${id}/stage-history`);
  };

  it(
    'has both of two moves that were made between two polls in the history of the application',
    async () => {
      const { application, further } = onTheirWay();
      for (const toStage of further) {
        account.change({ operations: [{ op: 'move', application: application.id, toStage }] });
        await sleep(20);
      }
      await poll();
      const history = (await historyOf(application.id)).slice(-3);
      expect(history.map(({ stageRemoteId, leftAt }) => [stageRemoteId, leftAt !== null])).toEqual([
        [application.stageId, true],
        [further[0], true],
        [further[1], false],
      ]);
      expect(history.every(({ stageName }) => stageName !== null)).toBe(true);
    },
    MINUTES,
  );
});
