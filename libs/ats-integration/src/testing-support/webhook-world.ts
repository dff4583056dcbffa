import { randomBytes, randomUUID } from 'node:crypto';
import { request } from 'undici';
import { HookSetup } from '../webhooks/hook-setup.js';
import { storeSecret } from '../webhooks/hook-secrets.js';
import type { StreamRequest } from '../contract/ats-provider.js';
import type { ProviderRecord, RecordKind } from '../contract/records.js';
import { SealedBox } from '../support/sealed-box.js';
import { SyncProcessor } from '../sync/sync-processor.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { RunningAts } from './running-ats.js';
import type { RunRow, RunningAtsOptions } from './running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from './scripted-ats.js';
import type { StreamShape } from './scripted-ats.js';
import { SignedWebhooks, signed } from './signed-webhooks.js';
import type { Signed, Told } from './signed-webhooks.js';

const BY_ID: readonly StreamShape[] = [
  { name: 'jobs', kinds: ['job'], modes: ['full', 'changes', 'ids'] },
  { name: 'stages', kinds: ['stage'] },
  { name: 'applications', kinds: ['application'], modes: ['full', 'changes', 'of-jobs', 'ids'] },
  { name: 'candidates', kinds: ['candidate'], modes: ['full', 'changes', 'ids'], after: ['applications'] },
  { name: 'resumes', kinds: ['resume'], modes: ['full', 'changes', 'ids'], after: ['applications'] },
];

export interface Hooked {
  readonly connectionId: string;
  readonly hookId: string;
  readonly secret: string;
}

/** The library with its routes on a port, and a scripted ATS that holds records and signs what it delivers. */
export class WebhookWorld {
  readonly hooks = new SignedWebhooks();
  readonly script: ScriptedAts;
  /** What the ATS holds, by `kind:remoteId`. */
  readonly records = new Map<string, ProviderRecord>();
  #ats: RunningAts | null = null;
  #url = '';

  private constructor(registers: boolean) {
    this.script = new ScriptedAts(BY_ID, { webhooks: this.hooks.capability(registers) });
    for (const { name, kinds } of BY_ID)
      this.script.scripts.set(name, (asked) => [{ records: this.#held(kinds[0], asked) }]);
  }

  static async start(registers = false, options: Partial<RunningAtsOptions> = {}): Promise<WebhookWorld> {
    const world = new WebhookWorld(registers);
    world.#ats = await RunningAts.start({ provider: world.script.provider, http: { path: 'ats' }, ...options });
    world.#url = await world.#ats.listen();
    return world;
  }

  get ats(): RunningAts {
    if (this.#ats === null) throw new Error('The world has not begun.');
    return this.#ats;
  }

  put(...records: readonly ProviderRecord[]): void {
    for (const record of records) this.records.set(`${record.kind}:${record.remoteId}`, record);
  }

  /** A connection whose hook has a secret. */
  async hook(scopes: readonly string[] = []): Promise<Hooked> {
    const workspaceId = randomUUID();
    const connectionId = await this.ats.connect({ workspaceId });
    await this.ats.database.rows(`update ats.connections set scopes = $2::jsonb where id = $1`, [
      connectionId,
      JSON.stringify(scopes),
    ]);
    await this.ats.get(HookSetup).sweep();
    const hookId = await this.hookOf(connectionId);
    const secret = randomBytes(16).toString('hex');
    await this.addSecret({ connectionId, hookId, secret }, workspaceId);
    return { connectionId, hookId, secret };
  }

  async addSecret({ connectionId, hookId, secret }: Hooked, workspaceId?: string): Promise<void> {
    const owner =
      workspaceId ??
      (await this.ats.database.value<string>(`select workspace_id from ats.connections where id = $1`, [connectionId]));
    const hook = { id: hookId, connectionId, workspaceId: owner };
    await storeSecret(this.ats.database.em(), this.ats.get(SealedBox), hook, { event: null, remoteId: null, secret });
  }

  hookOf(connectionId: string): Promise<string> {
    return this.ats.database.value(`select id from ats.webhook_hooks where connection_id = $1`, [connectionId]);
  }

  async send(
    hookId: string,
    { headers, body }: Signed,
    provider = SCRIPTED_ID,
  ): Promise<{ status: number; text: string }> {
    const answer = await request(`${this.#url}/ats/webhooks/${provider}/${hookId}`, { method: 'POST', headers, body });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  async deliver(hooked: Hooked, told: Told): Promise<number> {
    return (await this.send(hooked.hookId, signed(told, hooked.secret))).status;
  }

  inbox(connectionId: string): Promise<{ state: string; event: string; attempts: number }[]> {
    return this.ats.database.rows(
      `select state, event, attempts from ats.webhook_inbox where connection_id = $1 order by id`,
      [connectionId],
    );
  }

  /** Works off what was named, as a worker would, until nothing is left to read now. Returns how many runs that took. */
  async readNamed(connectionId: string): Promise<RunRow[]> {
    const runs: RunRow[] = [];
    for (;;) {
      const left = await this.ats.database.value<boolean>(
        `select exists (select 1 from ats.webhook_inbox where connection_id = $1 and state = 'pending')`,
        [connectionId],
      );
      if (!left) return runs;
      const run = await this.readOnce(connectionId);
      if (run !== null) runs.push(run);
    }
  }

  /** One run over what is left to read, as if every wait were over. Null when another one has read it meanwhile. */
  async readOnce(connectionId: string): Promise<RunRow | null> {
    // Never those that a run is settling just now: two that lock several rows may wait for each other.
    await this.ats.database.rows(
      `update ats.webhook_inbox set not_before = null where id in (select id from ats.webhook_inbox
         where connection_id = $1 and state = 'pending' and not_before is not null for update skip locked)`,
      [connectionId],
    );
    await this.ats.get(SyncRuns).requestTargeted(connectionId);
    const [active] = await this.ats.database.rows<{ id: string }>(
      `select id from ats.sync_runs where connection_id = $1 and status in ('queued', 'running')`,
      [connectionId],
    );
    if (active === undefined) return null;
    await this.ats.get(SyncProcessor).process(active.id);
    return this.ats.run(active.id);
  }

  #held(kind: RecordKind, asked: StreamRequest): ProviderRecord[] {
    const all = [...this.records.values()].filter((record) => record.kind === kind);
    return asked.mode === 'ids' ? all.filter(({ remoteId }) => asked.remoteIds.includes(remoteId)) : all;
  }

  async stop(): Promise<void> {
    await this.ats.stop();
  }
}
