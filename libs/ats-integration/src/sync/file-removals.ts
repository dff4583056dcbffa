import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { execute, query } from '../database/query.js';
import { FileStore } from '../host/file-store.port.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';

const SWEEP_MS = 30_000;
const AT_ONCE = 50;

/** Destroys the files of people who were anonymised. A file store that fails is asked again, for ever: it is a duty. */
@Injectable()
export class FileRemovals implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsFiles');
  readonly #sweep: Sweep;

  constructor(
    private readonly em: EntityManager,
    @Inject(FileStore) private readonly files: FileStore,
    sweeps: Sweeps,
  ) {
    this.#sweep = sweeps.every(SWEEP_MS, this.#logger, () => this.#look());
  }

  onApplicationBootstrap(): void {
    this.#sweep.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#sweep.end();
  }

  sweep(): Promise<void> {
    return this.#sweep.now();
  }

  async #look(): Promise<void> {
    for (;;) {
      // Pushed ahead before it is tried: another process does not try it at the same time, and one that dies leaves it for later.
      const due = await query<{ id: string; reference: string }>(
        this.em.fork(),
        `update ats.file_removals set attempts = attempts + 1, not_before = now() + make_interval(mins => least(attempts + 1, 60))
         where id in (select id from ats.file_removals where not_before is null or not_before <= now()
           order by id limit $1 for update skip locked) returning id::text, reference`,
        [AT_ONCE],
      );
      if (due.length === 0) return;
      for (const { id, reference } of due) await this.#remove(id, reference);
    }
  }

  async #remove(id: string, reference: string): Promise<void> {
    try {
      await this.files.remove(reference);
      await execute(this.em.fork(), `delete from ats.file_removals where id = $1`, [id]);
    } catch (error) {
      this.#logger.error(
        `The file of an anonymised person could not be destroyed (removal ${id}, ${error instanceof Error ? error.name : 'unknown error'}); it is tried again.`,
      );
    }
  }
}
