import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { query } from '../database/query.js';
import type { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { Clock } from '../support/clock.js';
import { compareDirty } from './compare-dirty.js';
import { HostPipeline } from './linked-pipeline.js';
import { indexPeople } from './people-index.js';

const SWEEP_MS = 60_000;
/** After a sync a workspace is searched, but not more often than this; without one, for the host's own people, once an hour. */
const APART_SECONDS = 300;
const AT_LEAST_SECONDS = 3600;

/** Looks for people who are twice in a workspace. Only who changed since is compared, and only with who shares a key. */
@Injectable()
export class DuplicateSearch implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #sweep: Sweep;

  constructor(
    private readonly em: EntityManager,
    sweeps: Sweeps,
    @Inject(HostPipeline) private readonly host: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.#sweep = sweeps.every(SWEEP_MS, new Logger('AtsDuplicates'), () => this.#searchDue());
  }

  onApplicationBootstrap(): void {
    this.#sweep.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#sweep.end();
  }

  /** One sweep; a call while another one runs joins it. */
  sweep(): Promise<void> {
    return this.#sweep.now();
  }

  /** Searches a workspace now. Two at once share the work. */
  async search(workspaceId: string): Promise<void> {
    await indexPeople(this.em, this.host, workspaceId);
    while (await this.em.fork().transactional((em) => compareDirty(em, this.host, workspaceId, this.clock.now())));
  }

  async #searchDue(): Promise<void> {
    for (let stopped = false; !stopped;) {
      const workspaceId = await this.#claim();
      if (workspaceId !== null) await this.search(workspaceId);
      stopped = workspaceId === null || this.#sweep.stopped;
    }
  }

  /** One workspace whose search is due; nobody else takes it for a while. */
  async #claim(): Promise<string | null> {
    const [claimed] = await query<{ workspace_id: string }>(
      this.em.fork(),
      `insert into ats.duplicate_searches as s (workspace_id, searched_at)
       select c.workspace_id, now() from ats.connections c left join ats.duplicate_searches d on d.workspace_id = c.workspace_id
       where c.last_synced_at is not null and (d.searched_at is null
         or d.searched_at < now() - make_interval(secs => case when c.last_synced_at > d.searched_at then $1::float8 else $2::float8 end))
       limit 1
       on conflict (workspace_id) do update set searched_at = excluded.searched_at
         where s.searched_at < now() - make_interval(secs => $1::float8)
       returning workspace_id`,
      [APART_SECONDS, AT_LEAST_SECONDS],
    );
    return claimed?.workspace_id ?? null;
  }
}
