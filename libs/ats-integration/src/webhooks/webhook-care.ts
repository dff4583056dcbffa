import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { execute } from '../database/query.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { connectionsWithNamed } from '../sync/named-records.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { HookHealth } from './hook-health.js';
import { HookSetup } from './hook-setup.js';

const LOOK_MS = 5_000;
const SET_UP_MS = 10_000;
const MOST_AT_ONCE = 200;
/** So long the inbox knows a delivery again; one that comes still later is read once more, which is harmless. */
const KEPT_DAYS = 30;
const FORGOTTEN_AT_ONCE = 5_000;

/** Looks for what was named and is not read yet, for hooks to set up (an ATS may be slow, so by itself), and how hooks are. */
@Injectable()
export class WebhookCare implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #looking: Sweep;
  readonly #settingUp: Sweep;

  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    private readonly health: HookHealth,
    setup: HookSetup,
    sweeps: Sweeps,
  ) {
    const logger = new Logger('AtsWebhooks');
    this.#looking = sweeps.every(LOOK_MS, logger, () => this.#look());
    this.#settingUp = sweeps.every(SET_UP_MS, logger, () => setup.sweep());
  }

  onApplicationBootstrap(): void {
    this.#looking.begin();
    this.#settingUp.begin();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#looking.end(), this.#settingUp.end()]);
  }

  /** One look; a call while another one is under way joins it. */
  look(): Promise<void> {
    return this.#looking.now();
  }

  async #look(): Promise<void> {
    for (const id of await connectionsWithNamed(this.em.fork(), MOST_AT_ONCE)) await this.runs.wakeNamed(id);
    await this.health.sweep();
    await execute(
      this.em.fork(),
      `delete from ats.webhook_inbox where id in (select id from ats.webhook_inbox
         where received_at < now() - make_interval(days => $1) and state <> 'pending' limit $2)`,
      [KEPT_DAYS, FORGOTTEN_AT_ONCE],
    );
  }
}
